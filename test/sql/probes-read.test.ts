import { beforeAll, expect, it } from 'vitest'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { rowsOf } from './asking.js'
import { addTable } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

beforeAll(async () => {
  const { store } = database
  // Without clumps the nearest cells lie in many groups.
  await addTable(store, 'spread', clumps({ dims: 24, rows: 1200, seed: 3 }))
  const options = { name: 'spread', kind: 'residual', bits: 64, cells: 150 } as const
  await createFamilyOf(store, { relation: 'spread', column: 'v' }, options)
})

it('tells from how many probes on a search reads the group of a cell', async () => {
  const wide = await query<{ id: number; buckets: number[]; needed: number[] }>(
    `select spread.id, near.buckets,
       lsh_internal.probes_that_read(family.id, family.token, spread.v, near.buckets) as needed
     from spread
       cross join lsh.family
       cross join lateral lsh_internal.near_cells(
         family.id, lsh_internal.difference(spread.v, family.center), 150) as near
     where family.name = 'spread' and spread.id <= 40
     order by spread.id`,
  )
  expect(wide).toHaveLength(40)
  let unread = 0
  for (const probes of [1, 3, 8, 12, 24]) {
    const read = await query<{ buckets: number[] }>(
      `select near.buckets
       from spread
         cross join lsh.family
         cross join lateral lsh_internal.near_cells(
           family.id, lsh_internal.difference(spread.v, family.center), $1) as near
       where family.name = 'spread' and spread.id <= 40
       order by spread.id`,
      [probes],
    )
    wide.forEach(({ buckets, needed }, row) => {
      // The nearest of those that are read, in the order of their distances.
      const readable = buckets.filter((_, place) => needed[place]! <= probes)
      unread += readable.slice(0, probes).filter((bucket, i) => bucket !== buckets[i]).length
      expect(read[row]!.buckets.slice(0, readable.length)).toEqual(readable.slice(0, probes))
    })
  }
  expect(unread).toBeGreaterThan(0)
})

it('tells from how many probes on a search visits a cell', async () => {
  const visited = await query<{ probes: number; buckets: number[]; expected: number[] }>(
    `select asked.probes, narrow.buckets, array(
         select cell.bucket
         from unnest(wide.buckets, needed.probes) with ordinality as cell (bucket, probes, place)
         where cell.probes <= asked.probes
         order by cell.place
       ) as expected
     from spread
       cross join lsh.family
       cross join (values (1), (3), (8), (24), (64), (120), (149), (150)) as asked (probes)
       cross join lateral lsh_internal.hashed_query(family.id, family.token, spread.v, 150) as wide
       cross join lateral lsh_internal.hashed_query(family.id, family.token, spread.v, asked.probes) as narrow
       cross join lateral lsh_internal.probes_that_visit(wide.distances,
         lsh_internal.probes_that_read(family.id, family.token, spread.v, wide.buckets), family.bucket_count) as needed (probes)
     where family.name = 'spread' and spread.id <= 40
     order by asked.probes, spread.id`,
  )
  expect(visited).toHaveLength(8 * 40)
  const mean = (probes: number) => {
    const rows = visited.filter((row) => row.probes === probes)
    return rows.reduce((sum, { buckets }) => sum + buckets.length, 0) / rows.length
  }
  // Far groups are read only where the near ones have too few cells, which the probes do not tell.
  const agreeing = visited.filter(
    ({ buckets, expected }) =>
      buckets.length === expected.length && buckets.every((bucket, i) => bucket === expected[i]),
  )
  expect(agreeing.length).toBeGreaterThan(0.9 * visited.length)
  expect(mean(150)).toBe(150)
  expect(mean(149)).toBeGreaterThan(mean(64))
})

it('measures settings although rows with codes have lost their vectors', async () => {
  await query(`select lsh.create_index('spread', 'v', 'spread', name => 'spread')`)
  await query('alter table spread disable trigger all')
  await query('update spread set v = null where id % 2 = 0')
  const found = await query<{ recall: number }>(
    `select measured.recall
     from lsh.index cross join lateral lsh_internal.measured_settings(index, 10, 0.95, 40) as measured
     where index.name = 'spread'`,
  )
  expect(found[0]!.recall).toBeGreaterThan(0.9)
})

it('measures the reach from the next centre if a query equals one', async () => {
  const found = await query(
    `select distances, lsh_internal.probes_that_visit(distances, array[1, 1, 9], 'infinity') as probes
     from (values ('{0,1,4}'::float8[]), ('{1,2,4}'), ('{0,0,0}')) as asked (distances)`,
  )
  expect(found).toEqual([
    { distances: [0, 1, 4], probes: [1, 2, 108] },
    { distances: [1, 2, 4], probes: [1, 8, 108] },
    { distances: [0, 0, 0], probes: [1, 2, 9] },
  ])
})
