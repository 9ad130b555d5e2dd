import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  changedMigrations,
  circlesOf,
  importsOf,
  loadedBy,
  machineTraces,
  wrongImports,
  wrongShape,
} from './architecture.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(root + path))
const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts'))
const binary = ['.png', '.webp', '.gz', '.zip', '.bin', '.dcm', '.npy', '.wasm', '.ico', '.woff2']

function read(path: string): string {
  return readFileSync(root + path, 'utf8')
}

describe('this repository', () => {
  it('has source files', () => {
    expect(sources).toContain('src/core/errors.ts')
  })

  it('has no circular imports, neither between files nor between folders', () => {
    const texts = new Map(sources.map((path) => [path, read(path)]))
    expect(circlesOf(texts)).toEqual({ files: [], folders: [] })
  })

  it('has an entry point for hashing and search that loads neither image nor encoder code', () => {
    const loaded = loadedBy('src/lsh.ts', new Map(sources.map((path) => [path, read(path)])))
    const rooms = [...loaded].map((path) => /^src\/(\w+)\//.exec(path)?.[1] ?? path)
    expect(rooms).toContain('search')
    expect(rooms).not.toContain('ingest')
    expect(rooms).not.toContain('encode')
    const packages = [...loaded].filter((name) => !name.startsWith('src/') && !name.includes(':'))
    const names = packages.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0])
    expect([...new Set(names)].sort()).toEqual([
      '@electric-sql/pglite',
      '@electric-sql/pglite-pgvector',
      'kysely',
      'ml-matrix',
      'node-pg-migrate',
      'pg',
      'pg-copy-streams',
      'pg-cursor',
      'pgvector',
      'pure-rand',
    ])
  })

  it('imports only to the left, the database only from store on, and tfjs only in encode', () => {
    expect(sources.flatMap((path) => wrongImports(path, read(path)))).toEqual([])
  })

  it('has short files without barrels, default exports, enums, classes or console output', () => {
    expect(sources.flatMap((path) => wrongShape(path, read(path)))).toEqual([])
  })

  it('contains no local paths and no package registries', () => {
    const texts = files.filter((path) => !binary.includes(extname(path)))
    expect(texts.flatMap((path) => machineTraces(path, read(path)))).toEqual([])
  })

  it('does not change released migrations', () => {
    const migration = (name: string) => {
      const path = `${root}migrations/${name}`
      return existsSync(path) ? readFileSync(path) : undefined
    }
    expect(changedMigrations(read('migrations/.released.sha256'), migration)).toEqual([])
  })
})

describe('importsOf', () => {
  it('finds every form of import and nothing else', () => {
    const source = `
      import 'a'
      import b, { type B } from "b"
      import type { C } from 'c'
      import { type D } from 'd'
      export { e } from 'e'
      export type { F } from 'f'
      import g = require('g')
      type H = import('h').H
      const i = await import('i')
      const j = require(\`j\`)
      // import 'not' — neither this nor the next
      const text = "import 'not'"`
    expect(importsOf(source).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
      ['a', false],
      ['b', false],
      ['c', true],
      ['d', true],
      ['e', false],
      ['f', true],
      ['g', false],
      ['h', true],
      ['i', false],
      ['j', false],
    ])
  })
})

describe('circlesOf', () => {
  const circles = (files: Record<string, string>) => circlesOf(new Map(Object.entries(files)))

  it('finds files that import each other through other files', () => {
    const files = {
      'src/hash/a.ts': `import { b } from './b.js'`,
      'src/hash/b.ts': `import type { C } from './c.js'`,
      'src/hash/c.ts': `export { a } from './a.js'`,
      'src/hash/d.ts': `import { a } from './a.js'`,
    }
    expect(circles(files)).toEqual({
      files: [['src/hash/a.ts', 'src/hash/b.ts', 'src/hash/c.ts']],
      folders: [],
    })
  })

  it('finds folders that import each other', () => {
    const files = {
      'src/store/plans/a.ts': `import { b } from '../codes/b.js'`,
      'src/store/codes/b.ts': '',
      'src/store/codes/c.ts': `import { a } from '../plans/a.js'`,
    }
    expect(circles(files)).toEqual({ files: [], folders: [['src/store/codes', 'src/store/plans']] })
  })
})

describe('wrongImports', () => {
  const wrong = (path: string, specifier: string) => wrongImports(path, `import '${specifier}'`)

  it.each([
    ['src/hash/fit.ts', '../core/random.js'],
    ['src/hash/fit.ts', '../encode/encoder.js'],
    ['src/hash/deep/fit.ts', '../kinds.js'],
    ['src/store/connection/copy.ts', 'pg'],
    ['src/serve/server.ts', '../search/nearest.js'],
    ['src/cli/main.ts', '../serve/server.js'],
    ['src/encode/backend.ts', '@tensorflow/tfjs-core'],
    ['src/report/page.ts', '../hash/kinds.js'],
    ['src/index.ts', './search/nearest.js'],
    ['src/hash/fit.ts', 'node:fs'],
    ['src/hash/fit.ts', 'pgn-reader'],
  ])('allows %s to import %s', (path, specifier) => {
    expect(wrong(path, specifier)).toEqual([])
  })

  it.each([
    ['src/core/plan.ts', '../ingest/open.js', 'ingest is right of core'],
    ['src/hash/fit.ts', '../store/copy.js', 'store is right of hash'],
    ['src/ingest/dicom.ts', 'kysely', 'ingest knows no database'],
    ['src/encode/save.ts', 'pg/lib/client.js', 'encode knows no database'],
    ['src/hash/fit.ts', '@electric-sql/pglite', 'hash knows no database'],
    ['src/report/page.ts', 'pg-copy-streams', 'report knows no database'],
    ['src/core/plan.ts', 'pgvector/pg', 'core knows no database'],
    ['src/report/page.ts', '../search/nearest.js', 'report takes only types from compare'],
    ['src/report/page.ts', '../compare/run.js', 'report takes only types from compare'],
    ['src/hash/fit.ts', '@tensorflow/tfjs-core', 'tfjs belongs to encode'],
    ['src/serve/server.ts', '../cli/main.js', 'nobody imports cli'],
    ['src/search/nearest.ts', '../index.js', 'the door is for visitors'],
    ['src/search/nearest.ts', '../lsh.js', 'the door is for visitors'],
    ['src/attic/old.ts', '../core/plan.js', 'attic is not a room'],
    ['src/store/connection/copy.ts', '../../../scripts/setup.mjs', 'outside of src'],
  ])('forbids %s to import %s', (path, specifier, reason) => {
    expect(wrong(path, specifier)).toEqual([`${path} imports ${specifier}: ${reason}`])
  })

  it('allows report to import types from compare and from no other room', () => {
    const types = (from: string) => `import type { Run } from '${from}'`
    expect(wrongImports('src/report/page.ts', types('../compare/run.js'))).toEqual([])
    expect(wrongImports('src/report/page.ts', types('../store/row.js'))).toHaveLength(1)
  })
})

describe('wrongShape', () => {
  it.each([
    ['src/hash/fit.ts', 'export default 1', 'has a default export'],
    ['src/hash/fit.ts', 'export default function fit() {}', 'has a default export'],
    ['src/hash/fit.ts', 'const a = 1\nexport { a as default }', 'has a default export'],
    ['src/hash/fit.ts', 'enum Kind { a }', 'has the enum Kind'],
    ['src/hash/fit.ts', 'class Fit {}', 'has the class Fit'],
    ['src/hash/fit.ts', 'const fit = class {}', 'has the class without a name'],
    ['src/core/errors.ts', 'class OtherError {}', 'has the class OtherError'],
    ['src/hash/fit.ts', 'process.exit(1)', 'uses process.exit'],
    ['src/hash/fit.ts', 'console.log(1)', 'uses console.log'],
    ['src/hash/index.ts', 'export const a = 1', 'is a barrel'],
    ['src/hash/all.ts', "export * from './fit.js'\nconst a = 1", 'is a barrel'],
    ['src/hash/all.ts', "export { fit } from './fit.js'", 'is a barrel'],
    ['src/hash/utils.ts', 'const a = 1', 'name it after its one concept'],
  ])('reports %s with %j', (path, source, reason) => {
    expect(wrongShape(path, source)).toEqual([expect.stringContaining(reason)])
  })

  it.each([
    ['src/core/errors.ts', 'export class LshError extends Error {}'],
    ['src/cli/main.ts', 'console.error(1)\nprocess.exit(2)'],
    ['src/index.ts', "export * from './hash/fit.js'"],
    ['src/hash/fit.ts', "export { a } from './a.js'\nexport const b = '// console.log()'"],
  ])('accepts %s with %j', (path, source) => {
    expect(wrongShape(path, source)).toEqual([])
  })

  it('reports more than 220 lines', () => {
    expect(wrongShape('src/hash/fit.ts', '\n'.repeat(220))).toEqual([])
    expect(wrongShape('src/hash/fit.ts', '\n'.repeat(221))).toEqual([
      'src/hash/fit.ts has 221 lines, more than 220',
    ])
  })
})

describe('machineTraces', () => {
  // Put together from parts, as the check would otherwise find this file.
  const slash = '/'
  const registry = 'registry.'
  const equals = '='
  const quote = '"'

  it.each([
    `cd ${slash}work/main`,
    `"${slash}root"`,
    `open('${slash}tmp/x.png')`,
    `~ is ${slash}home/someone`,
    `host ${registry}npmjs.org`,
    `registry${equals}https://example.org/`,
    `"resolved": ${quote}https://example.org/a.tgz"`,
  ])('finds %j', (text) => {
    expect(machineTraces('README.md', `first\n${text}`)).toEqual([
      expect.stringMatching(/^README\.md:2 has /),
    ])
  })

  it.each([
    'patients/work',
    '../work/main.js',
    'https://example.org/root/work',
    '"$dir"/rooted and /working and /tmpfs',
    'the registry of indexes: lsh.index',
  ])('accepts %j', (text) => {
    expect(machineTraces('README.md', text)).toEqual([])
  })
})

describe('changedMigrations', () => {
  const hash = createHash('sha256').update('create table a ();').digest('hex')
  const read = (name: string) => (name === '1.sql' ? Buffer.from('create table a ();') : undefined)

  it('accepts unchanged migrations and comments', () => {
    expect(changedMigrations(`# a comment\n\n${hash}  1.sql\n`, read)).toEqual([])
  })

  it('reports a changed migration, a missing one and an unreadable line', () => {
    const other = hash.replace(/./g, 'a')
    expect(changedMigrations(`${other}  1.sql\n${hash}  2.sql\nnonsense\n`, read)).toEqual([
      '1.sql was released and has changed',
      '2.sql was released and is gone',
      'not a line of sha256sum: nonsense',
    ])
  })
})
