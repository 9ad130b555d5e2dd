import type { BitCode } from '../core/code.js'
import { assertFinite, type FeatureVector, type SizedVector } from '../core/vector.js'
import { assertDims } from '../hash/centered.js'
import { encodeVector } from '../hash/encode.js'
import { assertIndex } from './asserted-query.js'
import type { OpenIndex } from './open-index.js'

/**
 * A query with the index that hashes it here. `nearest(db, table, { to: hashed })` sends what it was hashed to, and the
 * database hashes nothing.
 */
export type HashedVector<D extends number = number> = number extends D
  ? HashedQueryVector
  : HashedQueryVector & { readonly vector: SizedVector<D> }

/** A vector, the index that hashes it, and its code. */
export interface HashedQueryVector {
  readonly vector: Float32Array
  readonly index: OpenIndex
  /** Of kind residual as a member of its own cell. */
  readonly code: BitCode
}

/**
 * Makes a query to be hashed here, by an index that was opened.
 *
 * @throws LshError `LSH02` for another dimension than the index has, `bad_input` for NaN or infinite elements
 */
export function hashQuery<D extends number>(
  index: OpenIndex,
  vector: FeatureVector<D>,
): HashedVector<D> {
  assertIndex(index)
  assertDims(index.family, vector)
  assertFinite(vector)
  const hashed: HashedQueryVector = {
    vector,
    index,
    // A search hashes by itself, and faster.
    get code() {
      return encodeVector(index.family, vector)
    },
  }
  return hashed
}
