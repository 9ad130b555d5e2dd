import { decode } from 'fast-png'
import { sql } from 'kysely'
import { beforeEach, describe, expect, inject, it } from 'vitest'
import type { Plan } from '../../../src/core/plan.js'
import { planFromVolume } from '../../../src/ingest/volume/volume.js'
import { openStore } from '../../../src/store/connection/connect.js'
import { unpackImage } from '../../../src/store/plans/images.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../../database.js'
import { tinyVolume } from '../../ingest/fixtures.js'
import { makeIndex, makeSpace } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()

beforeEach(async () => {
  await database.store.pool.query(
    `select cbir.drop_space(name) from cbir.space;
     delete from lsh.family;
     truncate cbir.patient, cbir.item cascade`,
  )
})

function tinyPlan(options: Parameters<typeof tinyVolume>[0] = {}, checksum = 'a'.repeat(64)): Plan {
  return planFromVolume(tinyVolume(options), {
    sourceKey: 'train-pats/pt_7',
    patient: 'pt_7',
    split: 'train',
    checksum,
    site: 'thorax',
  })
}

/** Number of rows in every table that a plan writes. */
async function counts(): Promise<Record<string, number>> {
  const { rows } = await database.store.pool.query<Record<string, number>>(
    `select (select count(*)::int from cbir.patient) as patient,
       (select count(*)::int from cbir.plan) as plan,
       (select count(*)::int from cbir.item) as item,
       (select count(*)::int from cbir.slice) as slice,
       (select count(*)::int from cbir.structure) as structure`,
  )
  return rows[0] as Record<string, number>
}

describe('loadPlan', () => {
  it('gives no plan or slice the id of one that was removed', async () => {
    const { store } = database
    const ids = async () => {
      const { rows } = await store.pool.query<{ plan: number; item: number; patient: number }>(
        `select max(plan.id) as plan, max(item_id) as item, max(patient_id) as patient
         from cbir.plan join cbir.slice on plan_id = plan.id`,
      )
      return rows[0]!
    }
    await loadPlan(store, 'made', smallPlan({ number: 1 }))
    const first = await ids()
    await store.pool.query('delete from cbir.item; delete from cbir.plan; delete from cbir.patient')
    await loadPlan(store, 'made', smallPlan({ number: 2, slices: 3 }))
    const { rows } = await store.pool.query<{ item_id: number }>(
      'select item_id from cbir.slice order by index',
    )
    expect(rows.map(({ item_id }) => item_id)).toEqual([1, 2, 3].map((i) => first.item + i))
    expect(await ids()).toMatchObject({ plan: first.plan + 1, patient: first.patient + 1 })
  })

  it('stores every value of the plan', async () => {
    const { db } = database.store
    const plan = tinyPlan()
    expect(await loadPlan(database.store, 'tiny', plan)).toBe('loaded')

    const patient = await db.selectFrom('cbir.patient').selectAll().executeTakeFirstOrThrow()
    expect(patient).toMatchObject({ dataset: 'tiny', pseudonym: 'pt_7', split: 'train' })
    const stored = await db.selectFrom('cbir.plan').selectAll().executeTakeFirstOrThrow()
    expect(stored).toMatchObject({
      patient_id: patient.id,
      source_key: 'train-pats/pt_7',
      checksum: 'a'.repeat(64),
      site: 'thorax',
      prescription_gy: 70,
      voxel_mm: [10, 10, 2.5],
    })

    const slices = await db
      .selectFrom('cbir.slice')
      .innerJoin('cbir.item', 'cbir.item.id', 'cbir.slice.item_id')
      .selectAll()
      .orderBy('index')
      .execute()
    expect(slices.map(({ index }) => index)).toEqual([60, 61])
    slices.forEach((row, i) => {
      const slice = plan.slices[i] as Plan['slices'][number]
      expect(row).toMatchObject({
        plan_id: stored.id,
        position_mm: slice.positionMm,
        dataset: 'tiny',
        kind: 'slice',
        source_key: `train-pats/pt_7/${slice.index}`,
        label: null,
        attributes: {},
      })
      const image = unpackImage(row)
      expect([image.rows, image.columns]).toEqual([128, 128])
      expect(image.ct).toEqual(slice.ct)
      const wrong = image.dose!.map((gy, v) => Math.abs(gy - (slice.dose![v] as number)))
      expect(Math.max(...wrong)).toBeLessThanOrEqual(row.dose_unit_gy! * 0.51)
      // 16 voxels of the target, 4 of the cord, the rest of 144 at 30 Gy.
      expect(row.dose_max_gy).toBe(70)
      expect(row.dose_mean_gy).toBeCloseTo((16 * 70 + 4 * 20 + 124 * 30) / 144, 4)
    })

    const structures = await db.selectFrom('cbir.structure').selectAll().orderBy('name').execute()
    expect(structures.map(({ plan_id: _, ...structure }) => structure)).toEqual(
      plan.structures.map(({ name, role, volumeCc, meanGy, maxGy, dvh, areasCm2, masks }) => ({
        name,
        role,
        volume_cc: closely(volumeCc!),
        mean_gy: closely(meanGy!),
        max_gy: closely(maxGy!),
        dvh_bin_gy: 0.5,
        dvh: [...dvh!.volume].map(closely),
        dosed_share: 1,
        areas_cm2: [...areasCm2].map(closely),
        masks: masks!.map((mask) => mask && (expect.any(Buffer) as Buffer)),
      })),
    )
    expect(structures.map(({ name, role, mean_gy }) => [name, role, mean_gy])).toEqual([
      ['PTV70', 'target', 70],
      ['SpinalCord', 'organ', 20],
    ])
  })

  it('gives each item a preview: a grey PNG of its CT in the window 40 ± 200 HU', async () => {
    const plan = tinyPlan()
    await loadPlan(database.store, 'tiny', plan)
    const { preview } = await database.store.db
      .selectFrom('cbir.item')
      .select('preview')
      .orderBy('source_key')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(preview.subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'))
    const picture = decode(preview)
    expect(picture).toMatchObject({ width: 128, height: 128, channels: 1, depth: 8 })
    const ct = plan.slices[0]?.ct as Int16Array
    // Air is black, and a voxel of 100 HU is (100 + 160) / 400 of white.
    expect(picture.data[0]).toBe(0)
    expect(ct[51 * 128 + 60]).toBe(100)
    expect(picture.data[51 * 128 + 60]).toBe(Math.round((260 / 400) * 255))
  })

  it('leaves a plan unchanged that is already stored', async () => {
    await loadPlan(database.store, 'tiny', tinyPlan())
    const before = await items()
    expect(await loadPlan(database.store, 'tiny', tinyPlan())).toBe('unchanged')
    expect(await items()).toEqual(before)
    expect(await counts()).toEqual({ patient: 1, plan: 1, item: 2, slice: 2, structure: 2 })
  })

  it('stores the same plan separately in two data sets', async () => {
    await loadPlan(database.store, 'tiny', tinyPlan())
    expect(await loadPlan(database.store, 'other', tinyPlan())).toBe('loaded')
    expect(await counts()).toEqual({ patient: 2, plan: 2, item: 4, slice: 4, structure: 4 })
  })

  it('replaces a plan that changed, without remains of the old one', async () => {
    await loadPlan(database.store, 'tiny', tinyPlan())
    const before = await items()
    const changed = tinyPlan({ k: 61, gy: 66, targets: ['PTV63'] }, 'b'.repeat(64))
    expect(await loadPlan(database.store, 'tiny', changed)).toBe('replaced')
    expect(await counts()).toEqual({ patient: 1, plan: 1, item: 2, slice: 2, structure: 2 })
    const after = await items()
    expect(after.map(({ source_key }) => source_key)).toEqual([
      'train-pats/pt_7/61',
      'train-pats/pt_7/62',
    ])
    expect(after.filter(({ id }) => before.some((old) => old.id === id))).toEqual([])
    const names = await database.store.db.selectFrom('cbir.structure').select('name').execute()
    expect(names.map(({ name }) => name).sort()).toEqual(['PTV63', 'SpinalCord'])
  })

  it.each(['trigger', 'loader'] as const)(
    'removes features and codes of a replaced plan, with codes kept by the %s',
    async (maintain) => {
      const { store } = database
      await makeSpace(store, { patients: 3, slices: 5 })
      await makeIndex(store, 'made', { maintain, bucketBits: 1 })
      if (maintain === 'loader')
        await sql`insert into lsh_index.made
          select 0, item_id, lsh.encode('made', embedding), 1 from space.made`.execute(store.db)
      const changed = smallPlan({ number: 2, slices: 5, side: 4, version: 2 })
      expect(await loadPlan(store, 'made', changed)).toBe('replaced')
      for (const table of ['space.made', 'lsh_index.made']) {
        const left = await sql<{ count: number }>`
          select count(*)::int as count from ${sql.raw(table)}`.execute(store.db)
        expect([table, left.rows]).toEqual([table, [{ count: 10 }]])
      }
    },
  )

  it('stores nothing of a plan that fails, and keeps its previous version', async () => {
    const good = smallPlan({ number: 1 })
    const [structure] = good.structures
    const twice = [structure, structure] as Plan['structures']
    const broken: Plan = { ...good, checksum: 'c'.repeat(64), structures: twice }
    await expect(loadPlan(database.store, 'made', broken)).rejects.toMatchObject({ code: '23505' })
    expect(await counts()).toEqual({ patient: 0, plan: 0, item: 0, slice: 0, structure: 0 })

    await loadPlan(database.store, 'made', good)
    const before = await items()
    await expect(loadPlan(database.store, 'made', broken)).rejects.toMatchObject({ code: '23505' })
    expect(await items()).toEqual(before)
    expect(await counts()).toEqual({ patient: 1, plan: 1, item: 4, slice: 4, structure: 1 })
  })

  it('sets the split of a patient to that of the plan loaded last', async () => {
    await loadPlan(database.store, 'made', smallPlan({ number: 1, split: 'train' }))
    await loadPlan(database.store, 'made', smallPlan({ number: 1, split: 'test', version: 2 }))
    const rows = await database.store.db.selectFrom('cbir.patient').select('split').execute()
    expect(rows).toEqual([{ split: 'test' }])
  })

  it.runIf(inject('engine') === 'server')(
    'allows two loaders to load the same plans at once, each plan by one of them',
    async () => {
      const other = await openStore(database.place)
      try {
        const plans = Array.from({ length: 8 }, (_, i) => smallPlan({ number: i + 1 }))
        const outcomes = await Promise.all(
          plans.map((plan) =>
            Promise.all([loadPlan(database.store, 'made', plan), loadPlan(other, 'made', plan)]),
          ),
        )
        for (const pair of outcomes) expect([...pair].sort()).toEqual(['loaded', 'unchanged'])
        expect(await counts()).toEqual({ patient: 8, plan: 8, item: 32, slice: 32, structure: 8 })
      } finally {
        await other.close()
      }
    },
  )
})

function items() {
  return database.store.db
    .selectFrom('cbir.item')
    .select(['id', 'source_key'])
    .orderBy('source_key')
    .execute()
}

/** A number rounded to 4 bytes, as in a column of type real. */
function closely(value: number): unknown {
  return expect.closeTo(value, 4)
}
