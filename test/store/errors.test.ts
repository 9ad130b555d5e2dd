import { describe, expect, it } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import { fromPgError, isPgError } from '../../src/store/errors.js'
import { useTestDatabase } from '../database.js'

const database = useTestDatabase()

async function refusal(query: string): Promise<unknown> {
  return database.store.pool.query(query).catch((error: unknown) => error)
}

describe('fromPgError', () => {
  it('keeps the SQLSTATE and the hint of our own functions', async () => {
    const cause = await refusal(`select lsh.encode('none', '[1]')`)
    expect(isPgError(cause)).toBe(true)
    const error = fromPgError(cause)
    expect(error).toBeInstanceOf(LshError)
    expect(error).toMatchObject({
      code: 'LSH01',
      message: 'hash family "none" does not exist (SQLSTATE LSH01)',
      hint: 'List the families that you may use with "select name from lsh.family".',
      cause,
    })
  })

  it.each([
    ['select from no_schema.no_table', '42P01', /migrate/],
    ['select no_function()', '42883', /./],
    ['select 1 / 0', '22012', /doctor/],
  ])('gives %s its SQLSTATE %s and a hint', async (query, state, hint) => {
    expect(fromPgError(await refusal(query))).toMatchObject({
      code: 'database',
      message: expect.stringContaining(`(SQLSTATE ${state})`),
      hint: expect.stringMatching(hint),
    })
  })

  it('leaves all other errors as they are', () => {
    for (const error of [new Error('plain'), new LshError('locked', 'm', { hint: 'h' }), 'text'])
      expect(fromPgError(error)).toBe(error)
  })
})
