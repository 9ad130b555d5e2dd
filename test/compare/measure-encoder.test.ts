import { beforeAll, describe, expect, it } from 'vitest'
import { measureEncoder } from '../../src/compare/measure-encoder.js'
import { measureSpaces } from '../../src/compare/space-quality.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../database.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallEncoder } from '../store/encode/trained.js'

const database = useTestDatabase()
const dataset = 'made'
const slices = 6

beforeAll(async () => {
  const { store } = database
  const ids = new Map<number, number>()
  for (let number = 1; number <= 5; number++) {
    const split = number > 3 ? 'test' : 'train'
    await loadPlan(store, dataset, smallPlan({ number, slices, side: 32, split }))
    const { id } = await store.db
      .selectFrom('cbir.patient')
      .select('id')
      .where('pseudonym', '=', `pt_${number}`)
      .executeTakeFirstOrThrow()
    ids.set(number, id)
  }
  const trained = await smallEncoder()
  await store.transaction(async (transaction) => {
    for (const [name, seen] of [
      ['small', 3],
      ['lone', 4],
      ['full', 5],
    ] as const) {
      const trainedOn = [...ids.values()].slice(0, seen)
      await addEncoder(transaction, trained, { name, dataset, trainedOn })
    }
  })
})

describe('measureEncoder', () => {
  it('measures every slice of held-out patients, in both regions', async () => {
    const [quality, ...more] = await measureEncoder(database.store, 'small', { dataset })
    expect(more).toEqual([])
    expect(quality).toMatchObject({ channel: 'ct', slices: 2 * slices, patients: 2 })
    for (const figure of ['psnr_body_db', 'psnr_whole_db', 'ssim_body', 'ssim_whole'] as const) {
      const [low, high] = quality!.intervals[figure]!
      expect(low, figure).toBeLessThan(quality![figure]!)
      expect(high, figure).toBeGreaterThan(quality![figure]!)
    }
    expect(quality!.psnr_whole_db).toBeGreaterThan(10)
  })

  it('returns no interval for one patient', async () => {
    const [quality] = await measureEncoder(database.store, 'lone', { dataset })
    expect(quality).toMatchObject({
      slices,
      patients: 1,
      intervals: { psnr_body_db: null, psnr_whole_db: null, ssim_body: null, ssim_whole: null },
    })
    expect(quality!.psnr_body_db).toBeGreaterThan(0)
  })

  it('returns no figures if the encoder was trained on all patients', async () => {
    expect(await measureEncoder(database.store, 'full', { dataset })).toEqual([])
  })

  it('returns the figures that an evaluation shows', async () => {
    const { store } = database
    await encodeSpace(store, 'small')
    const quality = await measureEncoder(store, 'small', { dataset })
    const [space] = await measureSpaces(store, dataset, ['small'], { seed: 1 })
    expect(space?.reconstruction).toEqual(quality)
    const { psnr_body_db, psnr_whole_db, ssim_body, ssim_whole } = quality[0]!
    expect(space).toMatchObject({ psnr_body_db, psnr_whole_db, ssim_body, ssim_whole })
  })
})
