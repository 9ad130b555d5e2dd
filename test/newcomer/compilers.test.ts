import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencedBlocks } from '../cli/readme.js'
import { page } from '../docs/pages.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** An empty project with this package among its modules and the programs of the pages. */
let project: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'pg-lsh-newcomer-'))
  const modules = join(project, 'node_modules')
  await mkdir(join(modules, 'pg-lsh'), { recursive: true })
  await promisify(execFile)(process.execPath, [
    compilerAt('typescript'),
    ...['-p', join(root, 'tsconfig.build.json')],
    ...['--outDir', join(modules, 'pg-lsh/dist')],
  ])
  await cp(join(root, 'package.json'), join(modules, 'pg-lsh/package.json'))
  for (const name of await readdir(join(root, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(modules, name))
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  const programs = ['README.md', 'docs/applications.md'].flatMap((path) =>
    fencedBlocks(page(path).text).filter(({ language }) => language === 'ts'),
  )
  expect(programs.length).toBeGreaterThan(4)
  for (const [i, { text }] of programs.entries())
    await writeFile(join(project, `program-${i}.ts`), text)
}, 300_000)
afterAll(() => rm(project, { recursive: true, force: true }))

describe('programs of README and docs/applications.md in an empty project', () => {
  it.each([
    ['the oldest compiler', 'typescript-oldest', 'nodenext'],
    ['the newest compiler', 'typescript', 'nodenext'],
    ['the newest compiler, for a bundler', 'typescript', 'bundler'],
  ])(
    'compile with %s, including the declarations of packages',
    async (_, compiler, resolution) => {
      const files = (await readdir(project)).filter((name) => name.endsWith('.ts'))
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          compilerAt(compiler),
          ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022'],
          ...['--module', resolution === 'bundler' ? 'es2022' : 'nodenext'],
          ...['--moduleResolution', resolution, '--skipLibCheck', 'false', '--types', 'node'],
          ...files,
        ],
        { cwd: project },
      ).catch((error: unknown) => error as { stdout: string })
      // The declarations of the driver name a generic Buffer, which the types have since TypeScript 5.7.
      const ours = stdout.split('\n').filter((line) => !/^$|node_modules\/pg-protocol\//.test(line))
      expect(ours).toEqual([])
    },
    300_000,
  )
})

function compilerAt(name: string): string {
  return join(root, 'node_modules', name, 'bin/tsc')
}
