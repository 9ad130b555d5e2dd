import { beforeAll, describe, expect, it } from 'vitest'
import { withNames } from '../../src/cli/did-you-mean.js'
import { LshError } from '../../src/core/errors.js'
import { createIndex } from '../../src/store/codes/create-index.js'
import { assertDataset } from '../../src/store/plans/patients.js'
import { readSpace } from '../../src/store/spaces/read-space.js'
import { choosePlans } from '../../src/store/plans/unload.js'
import { useTestDatabase } from '../database.js'
import { makeSpace } from '../store/codes/made-space.js'
import { failureOf } from './in-process.js'

const database = useTestDatabase()

beforeAll(async () => {
  await makeSpace(database.store, { patients: 4 })
  await createIndex(database.store, 'made')
})

/** The hint of the error with which the work fails, as a user sees it. */
async function hintOf(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => null,
    (cause: unknown) => withNames(cause, database.store),
  )
  if (!(error instanceof LshError))
    throw new Error('nothing was refused in words', { cause: error })
  return error.hint
}

const sql = (text: string) => () => database.store.pool.query(text)

describe('withNames', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['space', () => readSpace(database.store, 'mdae'), 'made'],
    ['space in SQL', sql(`select * from cbir.similar_slices(1, 'mad')`), 'made'],
    ['table of a space', sql('select * from space.maed'), 'made'],
    ['data set', () => assertDataset(database.store, 'maed'), 'made'],
    ['data set of plans', () => choosePlans(database.store, { dataset: 'nade' }), 'made'],
    ['family in SQL', sql(`select lsh.encode('maed_512', '[1]')`), 'made_512'],
    ['index in SQL', sql(`select lsh.index_stats('mede')`), 'made'],
  ])('suggests the nearest name for a misspelt %s', async (_, work, meant) => {
    expect(await hintOf(work)).toBe(`Did you mean "${meant}"? There is only ${meant}.`)
  })

  it('lists the existing names if none is near, and keeps the hint of the error', async () => {
    const hint = await hintOf(() => assertDataset(database.store, 'openkbp'))
    expect(hint).toMatch(/^There is only made\. List them/)
  })

  it('says how to create the space of a known encoder, and corrects the name of one', async () => {
    const space = (name: string) => hintOf(() => readSpace(database.store, name))
    expect(await space('ct_deep')).toMatch(/^There is only made\. Train its encoder: .*ct_deep/)
    expect(await space('ct_depe')).toBe('Did you mean "ct_deep"? There is only made.')
    expect(await space('nothing_alike')).not.toContain('Train')
  })

  it('returns every other error unchanged', async () => {
    const errors = [
      new Error('plain'),
      new LshError('LSH03', 'space "made" holds nothing', { hint: 'h' }),
      new LshError('bad_usage', 'space "mdae" is odd', { hint: 'h' }),
      await sql('select 1 / 0')().catch((error: unknown) => error),
    ]
    for (const error of errors) expect(await withNames(error, database.store)).toBe(error)
  })
})

describe('an invalid choice', () => {
  it.each([
    [['family', 'create', '--space', 's', '--kind', 'kernle'], 'kernel'],
    [['report', '--out', 'x', '--kind', 'cosin'], 'cosine'],
    [['index', 'create', '--space', 's', '--maintain', 'triger'], 'trigger'],
    [['sql', 'select 1', '--format', 'jsno'], 'json'],
  ])('in %j is answered with the nearest choice', async (args, meant) => {
    expect(await failureOf(args)).toMatchObject({
      code: 'commander.invalidArgument',
      message: expect.stringMatching(`Did you mean "${meant}"\\? Allowed choices are `) as string,
    })
  })

  it('of an encoder is answered with the nearest one', async () => {
    expect(
      await hintOf(async () =>
        (await import('../../src/store/encode/known-spaces.js')).encodedSpace('ct_shalow'),
      ),
    ).toMatch(/^Did you mean "ct_shallow"\? There are ct_deep, /)
  })
})
