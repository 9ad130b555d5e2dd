import { beforeAll, describe, expect, it } from 'vitest'
import { cohortsOf } from '../../../src/store/plans/cohorts.js'
import { foldsOf } from '../../../src/store/plans/folds.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../../database.js'
import { rowsOf } from '../../sql/asking.js'
import { makeSpace } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()

async function patients(dataset: string, split?: string): Promise<number[]> {
  const rows = await rowsOf<{ id: number }>(
    database.store,
    `select id from cbir.patient where dataset = $1 and ($2::text is null or split = $2) order by id`,
    [dataset, split ?? null],
  )
  return rows.map(({ id }) => id)
}

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= 4; number++) {
    await loadPlan(store, 'archive', smallPlan({ number, slices: 2, side: 4 }))
    const split = number > 2 ? 'test' : 'train'
    await loadPlan(store, 'mixed', smallPlan({ number: 10 + number, slices: 2, side: 4, split }))
    await loadPlan(
      store,
      'asking',
      smallPlan({ number: 20 + number, slices: 2, side: 4, split: 'test' }),
    )
  }
})

describe('cohortsOf', () => {
  it('uses all patients of a pure test set as queries, and searches all others', async () => {
    const { asking, searched } = await cohortsOf(database.store, 'asking')
    expect(asking).toEqual(await patients('asking'))
    expect(searched).toEqual(
      [...(await patients('archive')), ...(await patients('mixed'))].sort((a, b) => a - b),
    )
  })

  it('uses the test patients of a data set as queries, and searches its other patients and other data sets', async () => {
    const { asking, searched } = await cohortsOf(database.store, 'mixed')
    expect(asking).toEqual(await patients('mixed', 'test'))
    expect(searched).toEqual(expect.arrayContaining(await patients('mixed', 'train')))
    expect(searched).toEqual(expect.arrayContaining(await patients('archive')))
  })

  it('searches only the given data sets', async () => {
    const { asking, searched } = await cohortsOf(database.store, 'mixed', { against: ['archive'] })
    expect(asking).toEqual(await patients('mixed'))
    expect(searched).toEqual(await patients('archive'))
  })

  it('does not use training patients of an encoder as queries', async () => {
    await makeSpace(database.store, {
      space: 'seen',
      dataset: 'half',
      patients: 6,
      slices: 2,
      seen: 4,
    })
    const own = await patients('half')
    const { asking, searched } = await cohortsOf(database.store, 'half', {
      spaces: ['seen'],
      against: ['half'],
    })
    expect(asking).toEqual(own.slice(4))
    expect(searched).toEqual(own.slice(0, 4))
  })

  it('does not search a patient with the pseudonym of a query', async () => {
    await loadPlan(database.store, 'copy', smallPlan({ number: 1, slices: 2, side: 4 }))
    const { searched } = await cohortsOf(database.store, 'copy', { against: ['archive'] })
    expect(searched).toEqual((await patients('archive')).slice(1))
  })

  it('refuses an unknown data set, and one that leaves no patient to search', async () => {
    await expect(
      cohortsOf(database.store, 'asking', { against: ['nowhere'] }),
    ).rejects.toMatchObject({
      code: 'LSH01',
    })
    await loadPlan(database.store, 'alone', smallPlan({ number: 91, slices: 2, side: 4 }))
    await expect(cohortsOf(database.store, 'alone', { against: ['alone'] })).rejects.toMatchObject({
      code: 'LSH03',
    })
  })
})

describe('foldsOf', () => {
  it('uses each patient as query once and searches all others, also of other data sets', async () => {
    const { store } = database
    const folds = await foldsOf(store, 'archive', { folds: 2, seed: 3 })
    expect(folds.flatMap(({ asking }) => [...asking]).sort((a, b) => a - b)).toEqual(
      await patients('archive'),
    )
    const all = [...(await patients('archive')), ...(await patients('mixed'))]
    for (const { asking, searched } of folds) {
      expect(asking).toHaveLength(2)
      expect(searched).toEqual(expect.arrayContaining(all.filter((id) => !asking.includes(id))))
      for (const id of asking) expect(searched).not.toContain(id)
    }
    const alone = await foldsOf(store, 'archive', { folds: 2, seed: 3, against: ['archive'] })
    expect(alone.map(({ searched }) => searched.length)).toEqual([2, 2])
    expect(await foldsOf(store, 'mixed')).toEqual([await cohortsOf(store, 'mixed')])
    await expect(foldsOf(store, 'archive', { folds: 5 })).rejects.toMatchObject({
      code: 'bad_usage',
      message: '4 patients cannot be divided into 5 folds',
    })
  })
})
