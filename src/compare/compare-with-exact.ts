import { sql, type SelectQueryBuilder, type SelectType } from 'kysely'
import { anyQuery, askedOnce, nearestArguments } from '../search/nearest-arguments.js'
import type {
  DefaultKey,
  Near,
  NearestBuilder,
  NearestQuery,
  Queryable,
  QueryOf,
  VectorTable,
} from '../search/nearest-query.js'
import { nearest, nearestExact } from '../search/nearest.js'
import { moveConditions } from '../search/push-conditions.js'

/** How a search fared against the exact one: a row of `lsh.compare_nearest`. */
export interface Comparison {
  k: number
  /** True neighbours among the k nearest of all codes by Hamming distance alone. */
  overlap: number
  /** Dice score of those two sets, 0 to 1. */
  dice: number
  /** Jaccard score of those two sets, 0 to 1. */
  jaccard: number
  /** Share of the true neighbours that the search returned, after buckets and exact re-ranking. */
  recall: number
  /** What is lost because a true neighbour is no candidate even among all codes. */
  code_loss: number
  /** What is lost beyond that because buckets were not visited; negative where that left out false candidates. */
  bucket_loss: number
  /** Share of all codes that lie in the visited buckets; 0 where the search reads the vectors. */
  visited_share: number
}

/** A row that was found, by its key. */
export interface FoundRow<Key> {
  key: Key
  distance: number
  /** Positions in which the codes differ; null for a row without a code. */
  hamming: number | null
}

/** A search beside the exact one. */
export interface ComparedWithExact<Key> extends Comparison {
  /** What the search finds, nearest first. */
  found: FoundRow<Key>[]
  /** The true neighbours, nearest first. */
  exact: FoundRow<Key>[]
}

/** Joins and conditions of a search, as `nearest` takes them. */
export type Matching<DB, R, DB2, T2 extends keyof DB2, O> = (
  near: NearestBuilder<DB, Near<R>>,
) => SelectQueryBuilder<DB2, T2, O>

/**
 * Runs a search and the exact one, and says how well they agree; null where there is no row to be found.
 *
 * ```ts
 * const compared = await compareWithExact(db, 'space.ct_shallow', { to: { item: 400 }, k: 20 }, (near) =>
 *   near
 *     .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
 *     .where('slice.prescription_gy', '>', 60),
 * )
 * ```
 *
 * ```sql
 * select * from (
 *   select * from lsh.compare_nearest(null::"space"."ct_shallow", item => $1::text, ks => array[$2::int], …)
 * ) as "near"
 * ```
 *
 * @param matching joins and conditions of the search, those of `nearest`
 */
export async function compareWithExact<
  DB,
  T extends VectorTable<DB>,
  K extends keyof DB[T] & string = DefaultKey<DB[T]>,
  DB2 = DB & { near: Near<DB[T]> },
  T2 extends keyof DB2 = 'near' & keyof DB2,
  O = object,
>(
  db: Queryable<DB>,
  table: T,
  query: NearestQuery<DB[T], K, QueryOf<DB[T], K>>,
  matching?: Matching<DB, DB[T], DB2, T2, O>,
): Promise<ComparedWithExact<SelectType<DB[T][K]>> | null> {
  type Builder = NearestBuilder<DB, Near<DB[T]>>
  const matched = (near: Builder) => (matching ? (matching(near) as unknown as Builder) : near)
  const asked = anyQuery(table, query)
  type Row = FoundRow<SelectType<DB[T][K]>>
  const rows = async (near: Builder) =>
    (await matched(near)
      .clearSelect()
      .select([
        sql.ref(`near.${asked.key}`).as('key'),
        sql.ref('near.distance').as('distance'),
        sql.ref('near.hamming').as('hamming'),
      ])
      .execute()) as unknown as Row[]
  const source = (filtered: boolean) =>
    sql`(select * from lsh.compare_nearest(${nearestArguments(asked, askedOnce(query.to), filtered, 'ks')}))`
  const move = moveConditions(source, db.getExecutor().plugins)
  const comparing = db.withPlugin(move).selectFrom(source(false).as('near'))
  const [comparison] = (await matched(comparing as unknown as Builder)
    .clearSelect()
    .selectAll()
    .execute()) as unknown as Comparison[]
  if (!comparison) return null
  const found = await rows(nearest(db, table, query))
  return { ...comparison, found, exact: await rows(nearestExact(db, table, query)) }
}
