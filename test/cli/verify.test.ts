import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { createPlanSpace } from '../../src/store/encode/plan-vectors.js'
import { patientsOf } from '../../src/store/plans/patients.js'
import { codeTable } from '../../src/store/codes/write-codes.js'
import { makeIndex } from '../store/codes/made-space.js'
import { smallPixels } from '../store/encode/trained.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
const cohort = ['synthetic', '--patients', '2']

/** The result of `pg-lsh verify`. */
async function verified() {
  const run = await cli(['verify', ...cohort, '--json'], { place: place.db })
  const { plans, differences } = resultOf(run) as {
    plans: number
    differences: { plan: string; part: string; problem: string }[]
  }
  return { code: run.code, plans, differences, stderr: run.stderr }
}

/** Makes a change, verifies, and does not undo it: each of these tests changes another plan or part. */
async function after(change: string) {
  await place.withStore(({ db }) => sql.raw(change).execute(db))
  const { code, differences } = await verified()
  expect(code).toBe(3)
  return differences.map(({ part }) => part)
}

describe('pg-lsh verify', () => {
  beforeAll(async () => {
    await cli(['load', ...cohort], { place: place.db })
    const encoder = await smallPixels()
    await place.withStore(async (store) => {
      const trainedOn = (await patientsOf(store, 'synthetic')).map(({ id }) => id)
      await store.transaction((transaction) =>
        addEncoder(transaction, encoder, { name: 'small', dataset: 'synthetic', trainedOn }),
      )
      await encodeSpace(store, 'small')
      await makeIndex(store, 'small')
      await createPlanSpace(store, 'whole', { features: 'small', levels: 'small' })
      await encodeSpace(store, 'whole')
      await makeIndex(store, 'whole')
    })
  })

  it('reports no difference in an unchanged database', async () => {
    const { code, plans, differences, stderr } = await verified()
    expect(differences).toEqual([])
    expect([code, plans]).toEqual([0, 2])
    expect(stderr).toContain('data set synthetic: 2 plans compared, 0 differences')
  })

  it('checks the requested number of plans, and only those of the data set', async () => {
    const one = await cli(['verify', ...cohort, '--sample', '1', '--json'], { place: place.db })
    expect(resultOf(one)).toMatchObject({ plans: 1, differences: [] })
    const none = await cli(['verify', 'synthetic', '--dataset', 'other'], { place: place.db })
    expect(none.code).not.toBe(0)
    expect(none.stderr).toContain('there is no plan of data set "other"')
  })

  it('reports a slice whose images or preview differ', async () => {
    const parts = await after(`
      update cbir.slice set ct = other.ct, dose_unit_gy = 2 * slice.dose_unit_gy
      from cbir.slice as other
      where slice.item_id = 5 and other.item_id = 25;
      update cbir.item set preview = (select preview from cbir.item where id = 25) where id = 7`)
    expect(parts).toEqual(
      expect.arrayContaining(['slice 38 CT', 'slice 38 dose', 'slice 40 preview']),
    )
  })

  it('reports features and codes that do not belong to the images', async () => {
    const parts = await after(`
      update space.small set embedding = (select embedding from space.small where item_id = 40)
      where item_id = 10`)
    // The trigger has written codes of the wrong features, so only the features differ.
    expect(parts).toContain('features in small, slice 43')
    expect(parts.filter((part) => part.startsWith('code in'))).toEqual([])
    const codes = await after(`update ${codeTable('small')} set code = ~code where key = 12`)
    expect(codes).toContain('code in small, slice 45')
  })

  it('reports a plan whose vector is not that of its slices, and missing vectors', async () => {
    const parts = await after(`
      update space.whole set embedding = (select embedding from space.whole order by item_id desc limit 1)
      where item_id = (select min(item_id) from space.whole)`)
    expect(parts).toContain('vector in whole')
    const codes = await after(`update ${codeTable('whole')} set code = ~code`)
    expect(codes.filter((part) => part === 'code in whole')).toHaveLength(2)
    const missing = await after(`delete from space.small where item_id = 20`)
    expect(missing).toContain('features in small')
  })
})
