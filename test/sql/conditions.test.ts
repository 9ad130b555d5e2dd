import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../database.js'
import { makePlans } from '../store/plans/made-plans.js'
import { expectRefusal, rowsOf } from './asking.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

interface Found {
  item_id: number
  plan_id: number
  patient: string
  plan: string
  distance: number
}

beforeAll(async () => {
  await makePlans(database.store, { plans: 24 })
  await query(
    `update cbir.plan set prescription_gy = 50 + id, site = case when id % 2 = 0 then 'thorax' else 'head and neck' end`,
  )
})

const CONDITIONS: readonly [what: string, filter: string, where: string][] = [
  ['a plan', '{"plan": "made/pt_7"}', `plan = 'made/pt_7'`],
  [
    'prescription and site',
    '{"prescription_gy": {"gte": 60}, "site": "thorax"}',
    `prescription_gy >= 60 and site = 'thorax'`,
  ],
  ['the data set', '{"dataset": ["made", "other"]}', 'true'],
  ['structures', '{"structures": {"contains": ["nothing"]}}', 'false'],
  ['nothing', '{}', 'true'],
]

describe('filters of cbir.similar_slices', () => {
  it.each(CONDITIONS)(
    'select the same slices as the equivalent SQL condition: %s',
    async (_, filter, where) => {
      const found = await query<Found>(
        `select item_id, distance from cbir.similar_slices(3, 'made', k => 12, filter => $1)`,
        [filter],
      )
      const exact = await query<Found>(
        `select found.item_id, found.distance
       from cbir.similar_slices_exact(3, 'made', k => 1000) as found
         join cbir.slices using (item_id)
         join cbir.plans using (plan_id)
       where ${where.replaceAll(/\b(prescription_gy|plan) /g, 'plans.$1 ')}
       order by found.distance, found.item_id
       limit 12`,
      )
      expect(found).toEqual(exact)
      expect(
        await query(
          `select item_id, distance from cbir.similar_slices_exact(3, 'made', k => 12, filter => $1)`,
          [filter],
        ),
      ).toEqual(exact)
    },
  )

  it('refer to the slice if slices and plans have a column of the same name', async () => {
    const found = await query<{ dose: number }>(
      `select slices.dose_max_gy as dose
       from cbir.similar_slices(3, 'made', k => 1000, filter => '{"dose_max_gy": {"lt": 30}}')
         join cbir.slices using (item_id)`,
    )
    const [all] = await query<{ count: number }>(
      `select count(*)::int from cbir.slices join cbir.plans using (plan_id)
       where slices.dose_max_gy < 30
         and slices.patient <> (select patient from cbir.slices where item_id = 3)`,
    )
    expect(found).toHaveLength(all!.count)
    for (const { dose } of found) expect(dose).toBeLessThan(30)
  })

  it('can be combined with a list of allowed slices', async () => {
    const found = await query<Found>(
      `select item_id from cbir.similar_slices(3, 'made', k => 50, filter => '{"site": "thorax"}',
         allowed => array(select item_id from cbir.slices where index = 1))`,
    )
    const [all] = await query<{ count: number }>(
      `select count(*)::int from cbir.slices join cbir.plans using (plan_id)
       where index = 1 and site = 'thorax'
         and slices.patient <> (select patient from cbir.slices where item_id = 3)`,
    )
    expect(found).toHaveLength(all!.count)
    expect(await query(`select * from cbir.similar_slices(3, 'made', allowed => '{}')`)).toEqual([])
  })

  it.each([
    ['a column that is none', '{"age": 3}', '42703', 'no column "age"'],
    ['what is no object', '[]', '22023', 'a filter must be an object'],
    ['a bound that is none', '{"prescription_gy": {"over": 3}}', '22023', 'invalid bound "over"'],
  ])('refuse %s', async (_, filter, code, message) => {
    for (const call of [`similar_slices(3, 'made'`, `similar_slices_exact(3, 'made'`])
      await expectRefusal(
        database.store,
        `select * from cbir.${call}, filter => '${filter}')`,
        code,
        message,
      )
  })

  it('list the available columns in the hint for an unknown column', async () => {
    await expect(
      query(`select * from cbir.similar_slices(3, 'made', filter => '{"age": 3}')`),
    ).rejects.toMatchObject({
      hint: expect.stringMatching(/dose_max_gy, .*patient, plan, .*target_volume_cc/) as string,
    })
    await expect(
      query(
        `select * from lsh.search('made', cbir._features(3, 'made'), filter => '{"site": "thorax"}')`,
      ),
    ).rejects.toMatchObject({ hint: expect.stringContaining('cbir.similar_slices') as string })
  })
})

describe('one_per_patient', () => {
  it.each([1, 5, 24])('returns the nearest slice of each patient, for k = %i', async (k) => {
    const found = await query<Found>(
      `select item_id, patient, distance from cbir.similar_slices(3, 'made', k => ${k}, one_per_patient => true,
         candidates => 100000, probes => 100000)`,
    )
    const expected = await query<Found>(
      `select item_id, patient, distance
       from (
         select found.*, row_number() over (partition by patient order by distance, item_id) as rank
         from cbir.similar_slices_exact(3, 'made', k => 1000) as found
       ) as found
       where rank = 1
       order by distance, item_id
       limit ${k}`,
    )
    expect(found).toEqual(expected)
    expect(new Set(found.map(({ patient }) => patient)).size).toBe(found.length)
  })

  it('also applies to a search with a filter', async () => {
    const found = await query<Found>(
      `select patient from cbir.similar_slices(3, 'made', k => 100, one_per_patient => true, filter => '{"site": "thorax"}')`,
    )
    expect(new Set(found.map(({ patient }) => patient)).size).toBe(found.length)
    expect(found.length).toBeGreaterThan(8)
  })

  it('returns the nearest plan of each patient', async () => {
    // Plans 1 and 2 belong to the same patient.
    const all = await query<Found>(`select * from cbir.similar_plans(5, 'made', k => 100)`)
    const found = await query<Found>(
      `select * from cbir.similar_plans(5, 'made', k => 100, one_per_patient => true)`,
    )
    const seen = new Set<string>()
    expect(found).toEqual(
      all.filter(({ patient }) => !seen.has(patient) && Boolean(seen.add(patient))),
    )
    expect(found).toHaveLength(all.length - 1)
  })
})

describe('cbir.similar_plans', () => {
  it.each(CONDITIONS)(
    'returns the same plans with a filter as with a list of allowed plans: %s',
    async (_, filter, where) => {
      const found = await query<Found>(
        `select * from cbir.similar_plans(3, 'made', k => 5, filter => $1)`,
        [filter],
      )
      const expected = await query<Found>(
        `select * from cbir.similar_plans(3, 'made', k => 5,
         allowed => array(select plan_id from cbir.plans where ${where}))`,
      )
      expect(found).toEqual(expected)
    },
  )

  it('accepts the key of a plan', async () => {
    const byKey = await query(`select * from cbir.similar_plans('made/pt_3', 'made', k => 4)`)
    expect(byKey).toEqual(await query(`select * from cbir.similar_plans(3, 'made', k => 4)`))
    await expectRefusal(
      database.store,
      `select * from cbir.similar_plans('nope', 'made')`,
      'LSH01',
      'plan "nope" does not exist',
    )
  })

  it('cbir.similar_slices refuses an item that does not exist', async () => {
    await expectRefusal(
      database.store,
      `select * from cbir.similar_slices(99999, 'made')`,
      'P0002',
      'item 99999 does not exist',
    )
  })
})
