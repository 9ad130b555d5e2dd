import { describe, expect, it } from 'vitest'
import { fileURLToPath } from 'node:url'
import { mirroredTests } from '../../scripts/affected.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('npm test -- --fast', () => {
  it('runs the database tests that mirror a changed file', () => {
    expect(mirroredTests(root, ['src/search/nearest.ts', 'src/hash/fit.ts'])).toEqual([
      'test/search/nearest.test.ts',
    ])
    expect(
      mirroredTests(root, ['src/cli/commands/grant.ts', 'test/store/connection/lock.test.ts']),
    ).toEqual(['test/cli/grant.test.ts', 'test/store/connection/lock.test.ts'])
  })

  it('runs the surface test and the test of a changed SQL file, and none for a README', () => {
    const tests = mirroredTests(root, ['sql/lsh/66_within.sql', 'sql/README.md'])
    expect(tests).toEqual(
      expect.arrayContaining(['test/sql/surface.test.ts', 'test/sql/within.test.ts']),
    )
    expect(mirroredTests(root, ['sql/README.md'])).toEqual([])
  })
})
