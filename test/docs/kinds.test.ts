import { expect, it } from 'vitest'
import { FAMILY_KINDS } from '../../src/hash/kinds.js'
import { page } from './pages.js'

it.each(['docs/how-hashing-works.md', 'docs/sql.md'])(
  '%s describes each kind in a table',
  (path) => {
    const { text } = page(path)
    const missing = FAMILY_KINDS.filter(
      (kind) => !new RegExp(`^\\| \`${kind}\` +\\|`, 'm').test(text),
    )
    expect(missing, `add a row for each of these kinds to the table of kinds in ${path}`).toEqual(
      [],
    )
  },
)
