import { sql, type Expression, type RawBuilder } from 'kysely'
import type { BitCode } from '../core/code.js'
import type { FeatureVector } from '../core/vector.js'
import type { QueryDescription } from '../hash/query.js'
import { encodeField } from '../store/copy-format.js'

/** A column or another expression, or a value that becomes a parameter. */
export type Operand<T> = Expression<T> | T

/**
 * Euclidean distance of two vectors, one of them a column at least.
 *
 * ```sql
 * ("a"."embedding" <-> $1::vector)
 * ```
 */
export function l2Distance<D extends number>(
  a: Expression<FeatureVector<D>>,
  b: Operand<FeatureVector<NoInfer<D>>>,
): RawBuilder<number> {
  return sql`(${a} <-> ${vectorOperand(b)})`
}

/**
 * 1 minus the cosine of the angle between two vectors: 0 to 2; NaN for a vector of zeros.
 *
 * ```sql
 * ("a"."embedding" <=> $1::vector)
 * ```
 */
export function cosineDistance<D extends number>(
  a: Expression<FeatureVector<D>>,
  b: Operand<FeatureVector<NoInfer<D>>>,
): RawBuilder<number> {
  return sql`(${a} <=> ${vectorOperand(b)})`
}

/**
 * Number of positions in which two codes of equal length differ.
 *
 * ```sql
 * lsh.hamming("a"."code", $1)
 * ```
 */
export function hamming<N extends number>(
  a: Expression<BitCode<N>>,
  b: Operand<BitCode<NoInfer<N>>>,
): RawBuilder<number> {
  return sql`lsh.hamming(${a}, ${b})`
}

/**
 * Sum of the margins of a query over the bits in which a code differs from its own: finer than the Hamming
 * distance, since bits that were nearly a tie count little. `describeQuery(family, vector)` makes the query.
 *
 * ```sql
 * ($1::float8 * (bit_count(("a"."code" # $2) & $3)
 *   + 2 * bit_count(("a"."code" # $4) & $5) + 4 * bit_count(("a"."code" # $6) & $7)))
 * ```
 */
export function asymmetricHamming(
  code: Expression<BitCode>,
  query: QueryDescription,
): RawBuilder<number> {
  const [one, two, four] = query.planes.map(
    (plane) => sql`bit_count((${code} # ${query.code}) & ${plane})`,
  )
  return sql`(${query.step}::float8 * (${one} + 2 * ${two} + 4 * ${four}))`
}

/**
 * Number of bits of a code that are 1.
 *
 * ```sql
 * bit_count("a"."code")::int
 * ```
 */
export function bitCount(code: Expression<BitCode>): RawBuilder<number> {
  return sql`bit_count(${code})::int`
}

/**
 * The signs of a vector's elements, as pgvector takes them: 1 where an element is positive.
 *
 * ```sql
 * binary_quantize("a"."embedding")
 * ```
 */
export function binaryQuantize<D extends number>(
  vector: Expression<FeatureVector<D>>,
): RawBuilder<BitCode<D>> {
  return sql`binary_quantize(${vector})`
}

/**
 * Dice score of two sets, given as arrays of one type: `2 |A and B| / (|A| + |B|)`, 0 to 1; null where both are empty.
 *
 * ```sql
 * lsh.dice("a"."keys", $1)
 * ```
 */
export function dice<T extends number | string>(
  a: Expression<T[]>,
  b: Operand<NoInfer<T>[]>,
): RawBuilder<number | null> {
  return sql`lsh.dice(${a}, ${b})`
}

/**
 * Jaccard score of two sets, given as arrays of one type: `|A and B| / |A or B|`, 0 to 1; null where both are empty.
 *
 * ```sql
 * lsh.jaccard("a"."keys", $1)
 * ```
 */
export function jaccard<T extends number | string>(
  a: Expression<T[]>,
  b: Operand<NoInfer<T>[]>,
): RawBuilder<number | null> {
  return sql`lsh.jaccard(${a}, ${b})`
}

/** A vector as a parameter in its binary form, which needs no plugin; an expression as it is. */
function vectorOperand(operand: Operand<FeatureVector>): Expression<unknown> {
  return operand instanceof Float32Array
    ? sql`${encodeField('vector', operand)}::vector`
    : (operand as Expression<unknown>)
}
