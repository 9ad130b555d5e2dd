import { sql, type Expression, type ExpressionBuilder, type RawBuilder, type SqlBool } from 'kysely'
import { assertFlag, assertOptions, assertText, assertWhole } from '../core/arguments.js'
import type { Database, Features, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { assertCondition, assertExpression } from './asserted-expression.js'
import type { HashedVector } from './hash-query.js'
import { nearest } from './nearest.js'
import type { NeighbourItem } from './neighbour.js'
import { assertCounts } from './asserted-query.js'

export interface SimilarSlicesOptions {
  /** Space whose features are compared. */
  space: string
  /** Neighbours to return. (Default: 10) */
  k?: number
  /** Leaves out all slices of the query's own patient. (Default: true) */
  excludeSamePatient?: boolean
  /** Codes re-ranked by exact distance; 0 to read no vectors: distances are those that codes estimate. (Default: the index's) */
  candidates?: number
  /** Buckets visited at first. (Default: the index's) */
  probes?: number
  /** Which slices are searched; `k` of them come back if there are `k`. (Default: all) */
  where?: SliceCondition
  /** Only the most similar slice of each patient. (Default: false) */
  onePerPatient?: boolean
}

/** A condition on slices and their plans: `(slice) => slice('site', '=', 'head and neck')`. */
export type SliceCondition = (
  slice: ExpressionBuilder<Database, 'cbir.slices' | 'cbir.plans'>,
) => Expression<SqlBool>

/** A neighbour of a slice. */
export interface SimilarSlice extends NeighbourItem {
  patient: string
  plan: string
  index: number
  position_mm: number
}

const COMPARED = ['space', 'k', 'excludeSamePatient'] as const
const SEARCHED = [...COMPARED, 'candidates', 'probes', 'where', 'onePerPatient'] as const

function assertSlices(
  item: unknown,
  options: SimilarSlicesOptions,
  names: readonly string[],
): void {
  assertWhole('the slice', item, 1, 'Give its item_id, as of cbir.slices.')
  assertOptions(options, names)
  const { space, k, excludeSamePatient, candidates, probes, where, onePerPatient } = options
  assertText('the space', space, 'Name it: "select name from cbir.space" lists them.')
  assertFlag('excludeSamePatient', excludeSamePatient)
  assertFlag('onePerPatient', onePerPatient)
  assertCondition(where, 'slice')
  assertCounts({ k, candidates, probes })
}

/**
 * Finds the slices most similar to a stored one, nearest first. Returns a query to filter, join or run: `select * from
 * cbir.similar_slices($1, $2, k => $3, …) as found`.
 */
export function similarSlices<DB extends Database>(
  db: Queryable<DB>,
  item: number,
  options: SimilarSlicesOptions,
) {
  const ours = ourTables(db)
  assertSlices(item, options, SEARCHED)
  const { space, k = 10, excludeSamePatient = true, candidates = null, probes = null } = options
  const { where, onePerPatient = false } = options
  const found = sql<SimilarSlice>`cbir.similar_slices(${item}::int, ${space}::text, k => ${k}::int,
    exclude_same_patient => ${excludeSamePatient}::boolean,
    candidates => ${candidates}::int, probes => ${probes}::int,
    allowed => ${allowedSlices(ours, where)}, one_per_patient => ${onePerPatient}::boolean)`
  return ours.selectFrom(found.as('found')).selectAll()
}

function allowedSlices(
  db: Queryable<Database>,
  where: SliceCondition | undefined,
): RawBuilder<number[] | null> {
  if (!where) return sql`null`
  const slices = db
    .selectFrom('cbir.slices')
    .innerJoin('cbir.plans', 'cbir.plans.plan_id', 'cbir.slices.plan_id')
    .select('item_id')
    .where((slice) => {
      const condition = where(slice)
      assertExpression('the condition on slices', condition)
      return condition
    })
  return sql`array${slices}`
}

/**
 * Scans the space for the slices truly nearest to a stored one: `select * from cbir.similar_slices_exact($1, $2, …) as
 * found`.
 */
export function similarSlicesExact<DB extends Database>(
  db: Queryable<DB>,
  item: number,
  options: Pick<SimilarSlicesOptions, 'space' | 'k' | 'excludeSamePatient'>,
) {
  const ours = ourTables(db)
  assertSlices(item, options, COMPARED)
  const { space, k = 10, excludeSamePatient = true } = options
  const found = sql<
    Omit<SimilarSlice, 'hamming'>
  >`cbir.similar_slices_exact(${item}::int, ${space}::text,
    k => ${k}::int, exclude_same_patient => ${excludeSamePatient}::boolean)`
  return ours.selectFrom(found.as('found')).selectAll()
}

/**
 * Finds the slices most similar to an image that `encodeQuery` encoded, nearest first, with the columns of
 * `similarSlices`.
 */
export function slicesLike<DB extends Database>(
  db: Queryable<DB>,
  query: HashedVector,
  options: Pick<SimilarSlicesOptions, 'space' | 'k' | 'candidates' | 'probes'>,
) {
  assertOptions(options, ['space', 'k', 'candidates', 'probes'])
  const { space, ...how } = options
  assertText('the space', space, 'Name it: "select name from cbir.space" lists them.')
  const spaces = ourTables(db).withTables<{ 'space.any': Features }>()
  return nearest(spaces, `space.${space}` as 'space.any', { ...how, to: query })
    .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
    .select(['near.item_id', 'near.distance', 'near.hamming'])
    .select(['slice.patient', 'slice.plan', 'slice.index', 'slice.position_mm'])
}
