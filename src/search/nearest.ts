import { sql } from 'kysely'
import { asVector, assertAsked, assertAskedEach, assertSearch } from './asserted-query.js'
import {
  addedBy,
  addedColumns,
  anyQuery,
  askedEach,
  askedOnce,
  foundBy,
  nearestArguments,
} from './nearest-arguments.js'
import type {
  DefaultKey,
  NearestBuilder,
  NearestQuery,
  QueriesOf,
  QueryOf,
  VectorTable,
} from './nearest-query.js'
import type { NeighbourRow } from './neighbour.js'
import type { Queryable } from '../store/connection/database.js'
import { hashedSource, isHashedHere } from './hashed-source.js'
import type { SearchedRows } from './plain-filter.js'
import { pushConditions, type AskedSearch, type Source } from './push-conditions.js'
import { searchPlace } from './search-slots.js'
import { tableOf } from './table-of.js'

/**
 * Finds the rows of a table nearest to a query. Returns a Kysely query over them, called `near`, nearest first, that
 * you can select from, join, filter, stream, explain or count.
 *
 * ```ts
 * const rows = await nearest(db, 'space.ct_shallow', { to: { item: 400 }, k: 5 })
 *   .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
 *   .where('slice.prescription_gy', '>', 60)
 *   .select(['near.item_id', 'near.distance', 'slice.patient'])
 *   .execute()
 * ```
 *
 * Conditions of `where`, on `near` and on joined tables, choose which rows are searched: if at least `k` rows pass, the
 * nearest `k` of them come back. The database evaluates these conditions twice, for the search and for the rows found,
 * so their values must not change in between (`random()`), and long lists are best passed as one parameter (`=
 * any(…)`). Conditions on `near.distance` and `near.hamming` apply to the rows found, and so do joins without a
 * condition. Call `clearOrderBy()` before you count, group or sort in another order. A table name without a schema
 * refers to the schema of `withSchema`. Names are those of the database: plugins that rename the table or the key
 * (CamelCasePlugin) are refused.
 *
 * If all conditions compare columns of the table with numbers or booleans, and nothing is joined, they become
 * `filter => $4::jsonb` in place of the list of keys, which takes less time. Columns of your own types have no such
 * filter (SQLSTATE `0A000`): write `.where(sql\`…\`)` for them.
 *
 * ```sql
 * select … from (
 *   select (found.near).*, found.distance, found.hamming
 *   from lsh.nearest(null::"space"."ct_shallow", item => $1::text, k => $2::int, …, allowed => array(
 *     select "near"."item_id"::text as "key" from "space"."ct_shallow" as "near" inner join … where … offset 0), …) as found
 * ) as "near" inner join … where … order by "near"."distance", "near"."item_id"
 * ```
 *
 * @throws LshError `bad_usage` for numbers out of range, `bad_input` for NaN. When executed, the query fails with
 *   SQLSTATE `LSH01` or `LSH03` if there is no index, and with `LSH02` for a vector of another dimension.
 */
export function nearest<
  DB,
  T extends VectorTable<DB>,
  K extends keyof DB[T] & string = DefaultKey<DB[T], T>,
>(
  db: Queryable<DB>,
  table: T,
  query: NearestQuery<DB[T], K, QueryOf<DB[T], K>>,
): NearestBuilder<DB, NeighbourRow<DB[T]>> {
  assertSearch(db, table, query)
  assertAsked(query.to)
  const asked = anyQuery(tableOf(db, table, query.key), query)
  const to = asVector(query.to)
  const once = askedOnce(to)
  const rows =
    'index' in to && isHashedHere(asked, to.index)
      ? (among: SearchedRows) => hashedSource(asked, to, among)
      : (among: SearchedRows) => sql`(${foundBy(asked, once, among)})`
  const search = { query: asked, asked: once }
  return over(db, { rows, adds: addedBy(asked) }, ['distance', asked.key], search)
}

/**
 * Finds the truly nearest rows by a scan of the table; otherwise the same as `nearest`.
 */
export function nearestExact<
  DB,
  T extends VectorTable<DB>,
  K extends keyof DB[T] & string = DefaultKey<DB[T], T>,
>(
  db: Queryable<DB>,
  table: T,
  query: Omit<
    NearestQuery<DB[T], K, QueryOf<DB[T], K>>,
    'candidates' | 'probes' | 'stage' | 'ranking'
  >,
): NearestBuilder<DB, NeighbourRow<DB[T]>> {
  assertSearch(db, table, query)
  return nearest(db, table, { ...query, stage: 'exact' } as NearestQuery<
    DB[T],
    K,
    QueryOf<DB[T], K>
  >)
}

/** A row that was found for one of several queries. */
export type NeighbourOfQuery<R> = NeighbourRow<R> & {
  /** The query that found the row: its place in the list, from 0. */
  query: number
}

/**
 * Finds the nearest rows for each of several queries in one statement, ordered by query; otherwise the same as
 * `nearest`.
 *
 * ```sql
 * select … from (
 *   select (found.near).*, found.distance, found.hamming, (lsh_asked.number - 1)::int as query
 *   from unnest($1::text[]) with ordinality as lsh_asked (query, number)
 *     cross join lateral lsh.nearest(null::"space"."ct_shallow", item => lsh_asked.query, …) as found
 * ) as "near" … order by "near"."query", "near"."distance", "near"."item_id"
 * ```
 */
export function nearestEach<
  DB,
  T extends VectorTable<DB>,
  K extends keyof DB[T] & string = DefaultKey<DB[T], T>,
>(
  db: Queryable<DB>,
  table: T,
  query: NearestQuery<DB[T], K, QueriesOf<DB[T], K>>,
): NearestBuilder<DB, NeighbourOfQuery<DB[T]>> {
  assertSearch(db, table, query)
  assertAskedEach(query.to)
  const asked = anyQuery(tableOf(db, table, query.key), query)
  const { to } = query
  const { list, ...each } = askedEach('items' in to ? to : to.map(asVector))
  const rows = (among: SearchedRows) => sql`(select (found.near).*, ${addedColumns(asked)},
    (lsh_asked.number - 1)::int as query
  from unnest(${list}) with ordinality as lsh_asked (query, number)
    cross join lateral lsh.nearest(${nearestArguments(asked, each, among)}) as found)`
  return over(db, { rows, adds: [...addedBy(asked), 'query'] }, ['query', 'distance', asked.key])
}

/** A query over the rows that a search finds, in the given order. */
function over<DB, Row>(
  db: Queryable<DB>,
  source: Source,
  order: readonly string[],
  search?: AskedSearch,
): NearestBuilder<DB, Row> {
  const push = pushConditions(source, db.getExecutor().plugins, search)
  const query = db.withPlugin(push).selectFrom(searchPlace.as('near'))
  return order.reduce(
    (ordered, column) => ordered.orderBy(sql.ref(`near.${column}`)),
    query as unknown as NearestBuilder<DB, Row>,
  )
}
