import { sql, type SelectQueryBuilder, type SelectType } from 'kysely'
import {
  anyQuery,
  askedOnce,
  foundBy,
  nearestArguments,
  type AnyQuery,
} from '../search/nearest-arguments.js'
import type {
  DefaultKey,
  Near,
  NearestBuilder,
  NearestQuery,
  QueryOf,
  VectorTable,
} from '../search/nearest-query.js'
import type { Queryable } from '../store/database.js'
import { moveConditions, searchPlace, type Source } from '../search/push-conditions.js'

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
 * Runs a search and the exact one, and says how well they agree; null where there is no row to be found. Joins and
 * conditions alike choose what is searched. For one snapshot of a table that is written meanwhile, call it inside a
 * transaction of isolation level repeatable read.
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
 * select "near"."k" as "k", … from (
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
  const asked = anyQuery(table, query)
  const to = askedOnce(query.to)
  /** What comes of a search with the joins and conditions in it. */
  const run = async <Row>(rows: Source['rows'], columns: readonly string[]) => {
    const move = moveConditions({ rows, adds: ['distance', 'hamming'] }, db.getExecutor().plugins)
    const near = db.withPlugin(move).selectFrom(searchPlace.as('near')) as unknown as Builder
    const matched = matching ? (matching(near) as unknown as Builder) : near
    const chosen = columns.map((column) =>
      sql.ref(`near.${column}`).as(column === asked.key ? 'key' : column),
    )
    return (await matched.clearSelect().select(chosen).execute()) as unknown as Row[]
  }
  const [comparison] = await run<Comparison>(
    (filtered) =>
      sql`(select * from lsh.compare_nearest(${nearestArguments(asked, to, filtered, 'ks')}))`,
    COMPARED,
  )
  if (!comparison) return null
  type Row = FoundRow<SelectType<DB[T][K]>>
  const found = (search: AnyQuery) =>
    run<Row>(
      (filtered) => sql`(${foundBy(search, to, filtered)})`,
      [asked.key, 'distance', 'hamming'],
    )
  return {
    ...comparison,
    found: await found(asked),
    exact: await found({ ...asked, stage: 'exact' }),
  }
}

/** Columns of `lsh.compare_nearest`. */
const COMPARED = [
  'k',
  'overlap',
  'dice',
  'jaccard',
  'recall',
  'code_loss',
  'bucket_loss',
  'visited_share',
] as const satisfies (keyof Comparison)[]
