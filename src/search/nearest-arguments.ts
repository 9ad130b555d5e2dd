import { sql, type Expression, type RawBuilder } from 'kysely'
import { LshError } from '../core/errors.js'
import { assertFinite } from '../core/vector.js'
import { encodeField } from '../store/connection/copy-format.js'
import { vectorText } from '../store/connection/types.js'
import type { HashedVector } from './hash-query.js'
import { defaultKey, type SearchOptions } from './nearest-query.js'
import type { OpenIndex } from './open-index.js'
import type { SearchedRows } from './plain-filter.js'
import { passingKeys } from './search-slots.js'

/** A search for the database, without the types of the table. */
export interface AnyQuery extends SearchOptions<unknown> {
  readonly table: string
  readonly key: string
  readonly excludeSamePatient?: boolean | undefined
}

/** Adds the table to a search, and the index if the client hashes the query. */
export function anyQuery(
  table: string,
  { key = defaultKey(table), to, ...query }: SearchOptions<unknown> & { key?: string; to: unknown },
): AnyQuery {
  const asked = { ...query, table, key }
  const hashing = to instanceof Object && 'index' in to ? (to as HashedVector).index : undefined
  if (!hashing) return asked
  assertIndexOf(hashing, asked)
  return { ...asked, index: hashing.name }
}

function assertIndexOf({ name, schema, table, keyColumn }: OpenIndex, query: AnyQuery): void {
  const own = `${schema}.${table}`
  const refuse = (message: string, hint: string) => new LshError('bad_usage', message, { hint })
  if (query.table !== own && query.table !== table)
    throw refuse(
      `index "${name}" belongs to table "${own}", not to "${query.table}"`,
      'Open the index of the table that is searched.',
    )
  if (query.index !== undefined && query.index !== name)
    throw refuse(
      `the query was hashed by index "${name}", not by "${query.index}"`,
      'Leave the index out: it comes with the query.',
    )
  if (keyColumn !== query.key)
    throw refuse(
      `keys of index "${name}" are in column "${keyColumn}", not in "${query.key}"`,
      `Search with { key: '${keyColumn}' }.`,
    )
}

/** The query as an argument of `lsh.nearest`, and its item if it is one. */
export interface Asked {
  readonly argument: RawBuilder<unknown>
  readonly item?: Expression<unknown>
}

/** One query: a vector or an item of the table, checked by `assertAsked`. */
export function askedOnce(to: Float32Array | { item: unknown } | HashedVector): Asked {
  if ('item' in to) {
    const item = sql`${String(to.item)}`
    return { argument: sql`item => ${item}::text`, item }
  }
  return { argument: sql`query => ${vectorParameter(to instanceof Float32Array ? to : to.vector)}` }
}

/** Several queries, each as `lsh_asked.query` of a row of the list: vectors, or items of the table. */
export function askedEach(
  to: readonly Float32Array[] | { items: readonly unknown[] },
): Asked & { list: RawBuilder<unknown> } {
  const query = sql.ref('lsh_asked.query')
  if ('items' in to) {
    const list = sql`${to.items.map(String)}::text[]`
    return { list, argument: sql`item => ${query}`, item: query }
  }
  to.forEach(assertFinite)
  return {
    list: sql`lsh_internal.as_vectors(${to.map(vectorText)})`,
    argument: sql`query => ${query}`,
  }
}

/**
 * The given arguments of `lsh.nearest`; with `ks` instead of k those of `lsh.compare_nearest`.
 *
 * @param among `passing` gives them a slot for the keys that are allowed
 */
export function nearestArguments(
  query: AnyQuery,
  { argument, item }: Asked,
  among: SearchedRows,
  limit: 'k' | 'ks' = 'k',
): RawBuilder<unknown> {
  const { table, key, k = 10, candidates, probes, stage, ranking, index } = query
  const named: Record<string, RawBuilder<unknown> | undefined> = {
    [limit]: limit === 'k' ? sql`${k}::int` : sql`array[${k}::int]`,
    candidates: candidates === undefined ? undefined : sql`${candidates}::int`,
    probes: probes === undefined ? undefined : sql`${probes}::int`,
    exclude: excluded(query, item),
    filter: typeof among === 'object' ? sql`${JSON.stringify(among)}::jsonb` : undefined,
    allowed: among === 'passing' ? passingKeys(table, key) : undefined,
    stage: stage && sql`${stage}`,
    ranking: ranking && sql`${ranking}`,
    index: index === undefined ? undefined : sql`${index}`,
    key_column: sql`${key}`,
  }
  const given = Object.entries(named).flatMap(([name, value]) =>
    value ? [sql`${sql.raw(name)} => ${value}`] : [],
  )
  return sql.join([sql`null::${sql.table(table)}`, argument, ...given])
}

/** What a search adds to the rows of its table: whether distances are estimates is told where they are. */
export function addedBy({ candidates }: Pick<AnyQuery, 'candidates'>): string[] {
  return ['distance', 'hamming', ...(candidates === 0 ? ['estimated'] : [])]
}

/** The same, of `lsh.nearest` as `found`. */
export function addedColumns(query: AnyQuery): RawBuilder<unknown> {
  const names = addedBy(query).map((name) => `found.${name}`)
  return sql.raw(names.join(', '))
}

/** The rows that `lsh.nearest` finds, with their distances. */
export function foundBy(query: AnyQuery, asked: Asked, among: SearchedRows): RawBuilder<unknown> {
  return sql`select (found.near).*, ${addedColumns(query)}
  from lsh.nearest(${nearestArguments(query, asked, among)}) as found`
}

/** Keys to leave out: those of the options, and all slices of the query's patient. */
function excluded(query: AnyQuery, item: Expression<unknown> | undefined) {
  const { table, exclude, excludeSamePatient = table.startsWith('space.') } = query
  const parts: RawBuilder<unknown>[] = []
  if (exclude && exclude.length > 0) parts.push(sql`${exclude.map(String)}::text[]`)
  if (item && excludeSamePatient) parts.push(sql`cbir._left_out(${item}::int, true)`)
  return parts.length > 0 ? sql.join(parts, sql` || `) : undefined
}

/** A vector in binary form, which needs no plugin of Kysely. */
export function vectorParameter(vector: Float32Array): RawBuilder<Float32Array> {
  assertFinite(vector)
  return sql`${encodeField('vector', vector)}`
}
