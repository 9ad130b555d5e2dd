import { describe, expect, it } from 'vitest'
import { planFromVolume } from '../../../src/ingest/volume/volume.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { sliceOutlines } from '../../../src/store/plans/outlines.js'
import { planDifferences } from '../../../src/store/verify/plan-differences.js'
import { planStructures } from '../../../src/store/plans/plan-structures.js'
import { preparePlan } from '../../../src/store/plans/prepared-plan.js'
import { useTestDatabase } from '../../database.js'
import { tinyVolume } from '../../ingest/fixtures.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()
const plan = planFromVolume(tinyVolume(), {
  sourceKey: 'here/pt_1',
  patient: 'pt_1',
  split: 'train',
  checksum: 'made',
  site: null,
})

async function slicesOf(sourceKey: string) {
  return database.store.db
    .selectFrom('cbir.slice')
    .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.slice.plan_id')
    .select(['item_id', 'plan_id'])
    .where('source_key', '=', sourceKey)
    .orderBy('index')
    .execute()
}

describe('sliceOutlines', () => {
  it('returns the pixels of each structure on a slice as they were loaded', async () => {
    await loadPlan(database.store, 'outlined', plan)
    const items = (await slicesOf(plan.sourceKey)).map(({ item_id: item }) => item)
    const found = await sliceOutlines(database.store, items)
    expect([...found.keys()]).toEqual(items)
    for (const outlines of found.values()) {
      expect(outlines?.map(({ name, role }) => [name, role])).toEqual([
        ['PTV70', 'target'],
        ['SpinalCord', 'organ'],
      ])
      const [target] = outlines ?? []
      expect(target?.inside).toHaveLength(128 * 128)
      expect(target?.inside.reduce((sum, one) => sum + one, 0)).toBe(16)
      expect(target?.inside[54 * 128 + 64]).toBe(1)
    }
  })

  it('returns null for a plan that was stored without masks', async () => {
    const bare = smallPlan({ number: 1 })
    await loadPlan(database.store, 'outlined', bare)
    const [slice] = await slicesOf(bare.sourceKey)
    const found = await sliceOutlines(database.store, [slice!.item_id])
    expect(found.get(slice!.item_id)).toBeNull()
  })
})

describe('planStructures', () => {
  it('returns the histograms as they were loaded', async () => {
    await loadPlan(database.store, 'outlined', plan)
    const [slice] = await slicesOf(plan.sourceKey)
    const found = (await planStructures(database.store, [slice!.plan_id])).get(slice!.plan_id)
    expect(found?.map(({ name, meanGy }) => [name, meanGy])).toEqual([
      ['PTV70', 70],
      ['SpinalCord', 20],
    ])
    expect(found?.map(({ dvh }) => dvh)).toEqual(plan.structures.map(({ dvh }) => dvh))
  })
})

describe('planDifferences', () => {
  it('reports a mask that differs from that of the files', async () => {
    await loadPlan(database.store, 'outlined', plan)
    const [slice] = await slicesOf(plan.sourceKey)
    const id = slice!.plan_id
    expect(await planDifferences(database.store, id, preparePlan(plan))).toEqual([])
    await database.store.pool.query(
      `update cbir.structure set masks[1] = null where plan_id = $1 and name = 'PTV70'`,
      [id],
    )
    const found = await planDifferences(database.store, id, preparePlan(plan))
    expect(found.map(({ part }) => part)).toEqual(['structure PTV70'])
  })
})
