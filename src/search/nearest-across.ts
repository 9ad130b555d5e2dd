import { sql, type Expression, type ExpressionBuilder, type Selectable, type SqlBool } from 'kysely'
import { assertList, assertOptions, refuseArgument } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import type { Queryable } from '../store/connection/database.js'
import { asVector, assertAsked, assertSearch } from './asserted-query.js'
import { assertAlike, ofEach, type Shard, type ShardIndex } from './shards.js'
import { nearest } from './nearest.js'
import {
  defaultKey,
  type DefaultKey,
  type NearestQuery,
  type QueryOf,
  type VectorTable,
} from './nearest-query.js'
import type { NeighbourRow } from './neighbour.js'
import { tableOf } from './table-of.js'

export interface AcrossOptions<DB, T extends keyof DB> {
  /**
   * Names of the databases for error messages, in their order; do not use addresses with passwords. (Default: database
   * 1 of 3, …)
   */
  labels?: readonly string[]
  /** Which rows are searched, in each database: `(near) => near('near.language', '=', 'en')`. (Default: all) */
  where?: (
    near: ExpressionBuilder<DB & { near: NeighbourRow<DB[T]> }, 'near'>,
  ) => Expression<SqlBool>
}

/** A row that was found in one of several databases. */
export type NeighbourInShard<R> = Selectable<NeighbourRow<R>> & {
  /** The database that has the row: its place in the list, from 0. */
  shard: number
}

/**
 * Returns the nearest rows of a table that is split over several databases, nearest first, ties by key. It runs
 * `nearest` in all databases at once and merges the results by distance. Use it for shards that an application manages
 * itself, or a router whose shards are plain databases.
 *
 * ```ts
 * const rows = await nearestAcross([west.db, east.db], 'space.ct_shallow', { to: vector, k: 5 })
 * ```
 *
 * Each database needs an index of the same columns with the same hash family (`pg-lsh family export` and `import`).
 * Each database uses its own snapshot. If the query is a row by its key, exactly one database must have that row; its
 * patient is left out in that database only. Keys in `exclude` are left out in all databases. Keys of type text with
 * equal distances are ordered by code point.
 *
 * @throws LshError `bad_usage` if indexes or families differ, or for a query of `hashQuery`, which belongs to a single
 *   database. If one database fails, there is no result, and the error names the database.
 */
export async function nearestAcross<
  DB,
  T extends VectorTable<DB>,
  K extends keyof DB[T] & string = DefaultKey<DB[T], T>,
>(
  dbs: readonly Queryable<DB>[],
  table: T,
  query: NearestQuery<DB[T], K, QueryOf<DB[T], K>>,
  options: AcrossOptions<DB, T> = {},
): Promise<NeighbourInShard<DB[T]>[]> {
  assertList('the databases', dbs, 'Give them as a list: [west.db, east.db].')
  assertOptions(options, ['labels', 'where'])
  const { labels, where } = options
  if (labels !== undefined) assertLabels(labels, dbs.length)
  if (where !== undefined && typeof where !== 'function')
    refuseArgument('where', where, 'a function', "Write it as (near) => near('near.id', '>', 9).")
  const shards = dbs.map((db, i): Shard<DB> => {
    assertSearch(db, table, query)
    return { db, label: labels?.[i] ?? `database ${i + 1} of ${dbs.length}` }
  })
  const [first] = shards
  if (!first)
    throw new LshError('bad_usage', 'there is no database to search', {
      hint: 'Give at least one: nearestAcross([west.db, east.db], …).',
    })
  assertAsked(query.to)
  const to: unknown = asVector(query.to)
  if (typeof to === 'object' && to !== null && 'index' in to)
    refuseArgument('to', to, 'a vector or { item }', 'Give its vector: each database hashes it.')
  const { index, k = 10, key = defaultKey(tableOf(first.db, table)) } = query
  const name = tableOf(first.db, table, key)
  const indexes = await ofEach(shards, ({ db }) => openedBy(db, name, key, index))
  assertAlike(shards, indexes)
  const asked = await askedOf(shards, to, { name, key, index, type: indexes[0]?.keyType ?? 'text' })
  const found = await ofEach(shards, async ({ db }, i) => {
    const searched = nearest(db, table, { ...query, to: asked[i] } as typeof query)
    const rows = where ? searched.where(where as never) : searched
    return rows.selectAll('near' as never).execute()
  })
  const compare = keyOrder(indexes[0]?.keyType ?? 'text')
  const all = found.flatMap((rows, shard) =>
    (rows as Record<string, unknown>[]).map((row) => ({ ...row, shard })),
  ) as unknown as (Record<string, unknown> & { distance: number; shard: number })[]
  all.sort((a, b) => a.distance - b.distance || compare(a[key], b[key]) || a.shard - b.shard)
  return all.slice(0, k) as unknown as NeighbourInShard<DB[T]>[]
}

function assertLabels(labels: unknown, count: number): void {
  assertList('labels', labels, "Give texts: ['west', 'east'].")
  const all = labels as unknown[]
  if (all.length === count && all.every((label) => typeof label === 'string' && label !== ''))
    return
  throw new LshError('bad_usage', `labels must be ${count} texts, one for each database`, {
    hint: 'Name each database, or leave the labels out.',
  })
}

/** The index that a database searches with. */
async function openedBy<DB>(
  db: Queryable<DB>,
  table: string,
  key: string,
  index: string | undefined,
): Promise<ShardIndex> {
  const { rows } = await sql<ShardIndex>`
    select index.name, index.vector_column as "vectorColumn", lsh_internal.bare_type(index) as "keyType",
      family.name as family, family.checksum
    from lsh_internal.index_of_rows(null::${sql.table(table)}, ${index ?? null}::text, ${key}::text) as index
      join lsh.family on family.id = index.family_id`.execute(db.withoutPlugins())
  const [row] = rows
  if (row) return row
  throw new LshError('database', `you may not search the index of table "${table}"`, {
    hint: 'Let its owner run "select lsh.grant_search(…)".',
  })
}

interface Lookup {
  readonly name: string
  readonly key: string
  readonly index: string | undefined
  readonly type: string
}

/**
 * The query for each database. If the query is a row by its key, the database that has the row gets the key, and all
 * others get its vector.
 */
async function askedOf<DB>(
  shards: readonly Shard<DB>[],
  to: unknown,
  { name, key, index, type }: Lookup,
): Promise<readonly unknown[]> {
  if (typeof to !== 'object' || to === null || !('item' in to)) return shards.map(() => to)
  const item = String(to.item)
  const vectors = await ofEach(shards, async ({ db }) => {
    const { rows } = await sql<{ vector: Float32Array | null }>`
      select case when exists (
        select 1 from ${sql.table(name)} as source where source.${sql.id(key)} = ${item}::text::${sql.raw(type)}
      ) then lsh_internal.vector_of(
        lsh_internal.index_of_rows(null::${sql.table(name)}, ${index ?? null}::text, ${key}::text), ${item}::text) end as vector`.execute(
      db.withoutPlugins(),
    )
    return rows[0]?.vector ?? null
  })
  const homes = vectors.flatMap((vector, i) => (vector ? [i] : []))
  const [home] = homes
  if (home === undefined)
    throw new LshError('bad_input', `none of the databases has a row "${item}" of "${name}"`, {
      hint: `The keys are in column "${key}".`,
    })
  if (homes.length > 1)
    throw new LshError('bad_usage', `${homes.length} databases have a row "${item}" of "${name}"`, {
      hint: 'Read its vector from one of them, and search with it: { to: vector }.',
    })
  return shards.map((_, i) => (i === home ? to : vectors[home]))
}

/** Order of keys of a type, as in PostgreSQL without a collation. */
function keyOrder(type: string): (a: unknown, b: unknown) => number {
  const wholes = ['smallint', 'integer', 'bigint'].includes(type)
  const of = (key: unknown) => (wholes ? BigInt(key as string) : Buffer.from(String(key)))
  return (a, b) => {
    const [x, y] = [of(a), of(b)]
    if (x instanceof Buffer && y instanceof Buffer) return Buffer.compare(x, y)
    return x < y ? -1 : x > y ? 1 : 0
  }
}
