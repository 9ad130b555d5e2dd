import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { anchorsOf, linksOf, page, pages } from './pages.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('the pages of the documentation', () => {
  it.each(pages)('$path has no broken link', ({ path, text }) => {
    const broken = linksOf(text)
      .filter((target) => !/^(https?|mailto):/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#')
        const to = file === '' ? path : normalize(join(dirname(path), file))
        if (!existsSync(join(root, to))) return true
        return anchor !== undefined && !anchorsOf(page(to).text).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  it('are all reachable by links from README.md', () => {
    const reached = new Set<string>()
    const visit = (path: string) => {
      if (reached.has(path) || !path.endsWith('.md')) return
      reached.add(path)
      for (const target of linksOf(page(path).text)) {
        const [file = ''] = target.split('#')
        if (file !== '' && !/^\w+:/.test(file)) visit(normalize(join(dirname(path), file)))
      }
    }
    visit('README.md')
    expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
  })

  it('have no unfinished passages marked @@, TODO or FIXME', () => {
    for (const { path, text } of pages) expect(text, path).not.toMatch(/@@|TODO|FIXME/)
  })
})

describe('anchorsOf', () => {
  it('returns the same anchors as GitHub', () => {
    expect(anchorsOf('# A b, c\n```sh\n# no\n```\n## `lsh.x`\n## A b c\n## Über_1\n')).toEqual([
      'a-b-c',
      'lshx',
      'a-b-c-1',
      'über_1',
    ])
  })
})
