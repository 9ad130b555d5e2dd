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
  /** What errors call the databases, in their order; no addresses with passwords. (Default: database 1 of 3, …) */
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
 * The nearest rows of a table whose rows lie in several databases, nearest first, ties by key: `nearest` in each of them at
 * once, merged by distance. For shards of an application's own, or of a router that leaves them plain databases.
 *
 * ```ts
 * const rows = await nearestAcross([west.db, east.db], 'space.ct_shallow', { to: vector, k: 5 })
 * ```
 *
 * Each database has an index of the same columns by the same hash family (`pg-lsh family export` and `import`). Each
 * answers from a snapshot of its own. A row that is asked for by its key is looked up in all, and has to be in one; keys
 * of `exclude` are left out of all; a patient that is left out is one of the database that has the row. Keys of type text
 * are compared by their code points where distances are equal.
 *
 * @throws LshError `bad_usage` where indexes or families differ, or for a query by `hashQuery`, which is one of a single
 *   database. Where one of the databases fails there is no answer, and the error says which.
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
  throw new LshError('bad_usage', `labels are not ${count} texts, one a database`, {
    hint: 'Name each database, or leave the labels out.',
  })
}

/** The index that a database searches by. */
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

/** What each database is asked: of a row by its key, the one that has it by the key, all others by its vector. */
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
      hint: `Rows are named by their column "${key}".`,
    })
  if (homes.length > 1)
    throw new LshError('bad_usage', `${homes.length} databases have a row "${item}" of "${name}"`, {
      hint: 'Read its vector where it is meant, and search by that: { to: vector }.',
    })
  return shards.map((_, i) => (i === home ? to : vectors[home]))
}

/** How keys of a type are ordered, as PostgreSQL does it where no collation decides. */
function keyOrder(type: string): (a: unknown, b: unknown) => number {
  const wholes = ['smallint', 'integer', 'bigint'].includes(type)
  const of = (key: unknown) => (wholes ? BigInt(key as string) : Buffer.from(String(key)))
  return (a, b) => {
    const [x, y] = [of(a), of(b)]
    if (x instanceof Buffer && y instanceof Buffer) return Buffer.compare(x, y)
    return x < y ? -1 : x > y ? 1 : 0
  }
}
