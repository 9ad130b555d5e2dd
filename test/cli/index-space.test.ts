import { beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../src/cli/context.js'
import { createOutput } from '../../src/cli/output.js'
import { indexSpace } from '../../src/cli/steps/hash.js'
import { createFamily } from '../../src/store/codes/create-index.js'
import { useTestDatabase } from '../database.js'
import { makeSpace } from '../store/codes/made-space.js'
import { memoryStream } from './streams.js'

const database = useTestDatabase()

beforeAll(async () => {
  await makeSpace(database.store)
  await createFamily(database.store, 'made', { kind: 'kernel', bits: 32 })
})

/** The text on stderr while an index is created. */
async function said(name: string, maintain: 'trigger' | 'loader'): Promise<string> {
  const stderr = memoryStream()
  const context = { output: createOutput({ stderr }), signal: new AbortController().signal }
  const options = { family: 'made_kernel_32', name, maintain }
  const { codes } = await indexSpace(context as Context, database.store, 'made', options)
  expect(codes).toBe(120)
  return stderr.text()
}

describe('indexSpace', () => {
  it.each(['trigger', 'loader'] as const)(
    'counts each row once if codes are kept by %s',
    async (maintain) => {
      expect(await said(`by_${maintain}`, maintain)).toMatch(/^index by_\w+: 120 in /)
    },
  )

  it('counts only the rows that an interrupted run did not hash', async () => {
    await said('left', 'loader')
    await database.store.pool.query('delete from lsh_index.left where key % 2 = 0')
    expect(await said('left', 'loader')).toMatch(/^index left: 60 in /)
  })
})
