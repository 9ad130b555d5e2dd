import { sql, type Expression, type RawBuilder } from 'kysely'
import { refuseArgument } from '../core/arguments.js'
import type { BitCode, SizedCode } from '../core/code.js'
import type { SizedVector } from '../core/vector.js'
import type { QueryDescription } from '../hash/query.js'
import { assertExpression, assertOperand, CODE, SET, VECTOR } from './asserted-expression.js'
import { vectorParameter } from './nearest-arguments.js'
import { weightedBits } from './weighted-bits.js'

/** A column or another expression, or a value that becomes a parameter. */
export type Operand<T> = Expression<T> | T

/**
 * Euclidean distance of two vectors, at least one of them a column.
 *
 * ```sql
 * lsh.l2_distance("a"."embedding", $1)
 * ```
 */
export function l2Distance<D extends number>(
  a: Expression<SizedVector<D>>,
  b: Operand<SizedVector<NoInfer<D>>>,
): RawBuilder<number>
/** Null where one of them is. */
export function l2Distance<D extends number>(
  a: Expression<SizedVector<D> | null>,
  b: Operand<SizedVector<NoInfer<D>> | null>,
): RawBuilder<number | null>
export function l2Distance(
  a: Expression<Float32Array | null>,
  b: Operand<Float32Array | null>,
): RawBuilder<number> {
  assertExpression('the first vector', a)
  assertOperand('the second vector', b, VECTOR)
  return sql`lsh.l2_distance(${a}, ${vectorOperand(b)})`
}

/**
 * 1 minus the cosine of the angle between two vectors: 0 to 2; NaN for a vector of zeros.
 *
 * ```sql
 * lsh.cosine_distance("a"."embedding", $1)
 * ```
 */
export function cosineDistance<D extends number>(
  a: Expression<SizedVector<D>>,
  b: Operand<SizedVector<NoInfer<D>>>,
): RawBuilder<number>
/** Null where one of them is. */
export function cosineDistance<D extends number>(
  a: Expression<SizedVector<D> | null>,
  b: Operand<SizedVector<NoInfer<D>> | null>,
): RawBuilder<number | null>
export function cosineDistance(
  a: Expression<Float32Array | null>,
  b: Operand<Float32Array | null>,
): RawBuilder<number> {
  assertExpression('the first vector', a)
  assertOperand('the second vector', b, VECTOR)
  return sql`lsh.cosine_distance(${a}, ${vectorOperand(b)})`
}

/**
 * Number of positions in which two codes of equal length differ.
 *
 * ```sql
 * lsh.hamming("a"."code", $1)
 * ```
 */
export function hamming<N extends number>(
  a: Expression<SizedCode<N>>,
  b: Operand<SizedCode<NoInfer<N>>>,
): RawBuilder<number>
/** Null where one of them is. */
export function hamming<N extends number>(
  a: Expression<SizedCode<N> | null>,
  b: Operand<SizedCode<NoInfer<N>> | null>,
): RawBuilder<number | null>
export function hamming(
  a: Expression<BitCode | null>,
  b: Operand<BitCode | null>,
): RawBuilder<number> {
  assertExpression('the first code', a)
  assertOperand('the second code', b, CODE)
  return sql`lsh.hamming(${a}, ${b})`
}

/**
 * Sum of the margins of a query over the bits in which a code differs from that of the query. It is finer than the
 * Hamming distance, because bits with a small margin count little. `describeQuery(family, vector)` describes the query.
 *
 * ```sql
 * ($1::float8 * (pg_catalog.bit_count(("a"."code" # $2) & $3)
 *   + 2 * pg_catalog.bit_count(("a"."code" # $4) & $5) + 4 * pg_catalog.bit_count(("a"."code" # $6) & $7)))
 * ```
 */
export function asymmetricHamming<C extends BitCode | null>(
  code: Expression<C>,
  query: QueryDescription,
): RawBuilder<number | Extract<C, null>> {
  assertExpression('the code', code)
  if (!Array.isArray((query as Partial<QueryDescription> | null | undefined)?.planes))
    refuseArgument(
      'the query',
      query,
      'a described query',
      'Describe it: "describeQuery(family, vector)".',
    )
  return sql`(${query.step}::float8 * ${weightedBits(code, query.code, query.planes)})`
}

/**
 * Number of bits of a code that are 1.
 *
 * ```sql
 * pg_catalog.bit_count("a"."code")::int
 * ```
 */
export function bitCount<C extends BitCode | null>(
  code: Expression<C>,
): RawBuilder<number | Extract<C, null>> {
  assertExpression('the code', code)
  return sql`pg_catalog.bit_count(${code})::int`
}

/**
 * Signs of the elements of a vector, as in pgvector: 1 if an element is positive.
 *
 * ```sql
 * lsh.binary_quantize("a"."embedding")
 * ```
 */
export function binaryQuantize<D extends number>(
  vector: Expression<SizedVector<D>>,
): RawBuilder<BitCode<D>>
/** Null where it is. */
export function binaryQuantize<D extends number>(
  vector: Expression<SizedVector<D> | null>,
): RawBuilder<BitCode<D> | null>
export function binaryQuantize(vector: Expression<Float32Array | null>): RawBuilder<BitCode> {
  assertExpression('the vector', vector)
  return sql`lsh.binary_quantize(${vector})`
}

/**
 * Dice score of two sets, given as arrays of one type: `2 |A and B| / (|A| + |B|)`, 0 to 1; null where both are empty.
 *
 * ```sql
 * lsh.dice("a"."keys", $1)
 * ```
 */
export function dice<T extends number | string>(
  a: Expression<readonly T[] | null>,
  b: Operand<readonly NoInfer<T>[] | null>,
): RawBuilder<number | null> {
  assertExpression('the first set', a)
  assertOperand('the second set', b, SET)
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
  a: Expression<readonly T[] | null>,
  b: Operand<readonly NoInfer<T>[] | null>,
): RawBuilder<number | null> {
  assertExpression('the first set', a)
  assertOperand('the second set', b, SET)
  return sql`lsh.jaccard(${a}, ${b})`
}

/** Passes a vector as a parameter in binary form, and an expression unchanged. */
function vectorOperand(operand: Operand<Float32Array | null>): unknown {
  return operand instanceof Float32Array ? vectorParameter(operand) : operand
}
