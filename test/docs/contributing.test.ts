import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { page } from './pages.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sections = new Map(
  page('CONTRIBUTING.md')
    .text.split(/^## /m)
    .map((text) => [text.slice(0, text.indexOf('\n')), text]),
)
const sources = execFileSync('git', ['ls-files', 'src', 'sql', 'migrations'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(ts|sql)$/.test(path) && existsSync(join(root, path)))

/** Files in the list of a section. */
function listed(heading: string): string[] {
  const text = sections.get(heading) ?? ''
  return [...text.matchAll(/^- `([^`]+)`:/gm)].map(([, path = '']) => path).sort()
}

/** Expects the list of a section to hold exactly the touched files. */
function expectListed(heading: string, touched: string[]): void {
  const list = listed(heading)
  const missing = touched.filter((path) => !list.includes(path))
  const stale = list.filter((path) => !touched.includes(path))
  const remedy = `in the list of CONTRIBUTING.md, "${heading}", add a line "- \`file\`: what it holds" for each missing file and delete the stale ones`
  expect({ missing, stale }, remedy).toEqual({ missing: [], stale: [] })
}

function naming(pattern: RegExp, own = /^$/): string[] {
  return sources
    .filter((path) => !own.test(path) && pattern.test(readFileSync(join(root, path), 'utf8')))
    .sort()
}

describe('CONTRIBUTING.md', () => {
  it('names only files that exist', () => {
    const paths = [
      ...page('CONTRIBUTING.md').text.matchAll(
        /`((?:src|test|sql|docs|migrations|scripts|docker)\/[\w/-]+\.\w+)`/g,
      ),
    ]
    expect(paths.length).toBeGreaterThan(20)
    for (const [, path = ''] of paths) expect(existsSync(join(root, path)), path).toBe(true)
  })

  it('lists every file that a hash kind touches: those that name qary, cosine or hammingPlateau', () => {
    expectListed('How to add a hash kind', naming(/qary|'cosine'|hammingPlateau/, /train/))
  })

  it('lists every file that a loader touches: those that import or register the loader of OpenKBP', () => {
    const registers =
      /from '.*\/openkbp[a-z-]*\.js'|from '.*rough-openkbp\.js'|\.command\('openkbp'\)/
    expectListed('How to add a loader', naming(registers, /openkbp[a-z-]*\.ts$/))
  })

  it('lists every file that a figure touches: those that import figure-across.ts', () => {
    expectListed(
      'How to add a figure',
      naming(/from '.*\/figure-across\.js'/, /figure-across\.ts$/),
    )
  })

  it('lists every file that an encoder touches: those that import or name the architecture shallow', () => {
    const names = /from '.*\/shallow\.js'|architecture: 'shallow', planes/
    expectListed('How to add an encoder', naming(names, /shallow\.ts$/))
  })

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const [, name = ''] of page('CONTRIBUTING.md').text.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(name)
  })
})
