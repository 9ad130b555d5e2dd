// A walk through a space, to be read from top to bottom and changed: one slice, its neighbours, how well
// the search does, and what Hamming distances say about distances.
//
// npx tsx examples/explore.ts 400
import { sql, type Kysely } from 'kysely'
import {
  compareWithExact,
  hamming,
  l2Distance,
  nearest,
  nearestExact,
  openDatabase,
  type BitCode,
  type Database,
  type Features,
} from 'pg-lsh'

/** A space, and the codes of its hash index. */
export interface Tables {
  'space.ct_shallow': Features
  'lsh_index.ct_shallow': { key: number; code: BitCode }
}

/** Shows a table. */
export type Show = (title: string, rows: readonly Record<string, unknown>[]) => void

export async function explore(
  db: Kysely<Database & Tables>,
  item: number,
  show: Show,
): Promise<void> {
  const slice = db.selectFrom('cbir.slices').selectAll().where('item_id', '=', item)
  show('The slice', [await slice.executeTakeFirstOrThrow()])

  // Its neighbours: through the hash index, and by a scan of the space. Both are queries like any other.
  const query = { to: { item }, k: 5 }
  for (const [title, found] of [
    ['nearest', nearest(db, 'space.ct_shallow', query)],
    ['nearestExact', nearestExact(db, 'space.ct_shallow', query)],
  ] as const) {
    const rows = await found
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
      .select(['near.item_id', 'near.distance', 'near.hamming', 'slice.plan', 'slice.position_mm'])
      .execute()
    show(title, rows)
  }

  // How well the two agree: overlap, dice and jaccard are those of the codes alone.
  const compared = await compareWithExact(
    db,
    nearest(db, 'space.ct_shallow', { to: { item }, k: 20 }),
  )
  if (compared) {
    const { found: _found, exact: _exact, ...figures } = compared
    show('compareWithExact', [figures])
  }

  // The distance of the slice to every other, of vectors and of codes, column to column …
  const pairs = db
    .selectFrom('space.ct_shallow as own')
    .innerJoin('lsh_index.ct_shallow as own_code', 'own_code.key', 'own.item_id')
    .innerJoin('space.ct_shallow as other', (join) =>
      join.onRef('other.item_id', '!=', 'own.item_id'),
    )
    .innerJoin('lsh_index.ct_shallow as other_code', 'other_code.key', 'other.item_id')
    .where('own.item_id', '=', item)
    .select((eb) => [
      l2Distance(eb.ref('own.embedding'), eb.ref('other.embedding')).as('distance'),
      hamming(eb.ref('own_code.code'), eb.ref('other_code.code')).as('bits'),
    ])
  // … in eight bands of distance: bits grow with the distance, then level off.
  const bands = db
    .selectFrom(pairs.as('pair'))
    .select(['distance', 'bits', sql<number>`ntile(8) over (order by distance)`.as('band')])
  const curve = await db
    .selectFrom(bands.as('pair'))
    .groupBy('band')
    .orderBy('band')
    .select(({ fn }) => [
      'band',
      fn.min('distance').as('nearest'),
      fn.max('distance').as('farthest'),
      sql<number>`avg(bits)::float8`.as('bits'),
    ])
    .execute()
  show('Bits that differ, by distance', curve)
}

if (process.argv[1] === import.meta.filename) {
  const place = process.env.DATABASE_URL ?? '.demo/synthetic'
  const db = await openDatabase<Tables>(place.includes('://') ? { url: place } : { dataDir: place })
  const short = (_: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
  await explore(db, Number(process.argv[2] ?? 400), (title, rows) => {
    console.log(`\n${title}`)
    console.table(JSON.parse(JSON.stringify(rows, short)))
  })
  await db.destroy()
}
