import type { BitCode } from '../core/code.js'
import { assertFinite, type FeatureVector, type SizedVector } from '../core/vector.js'
import { assertDims } from '../hash/centered.js'
import { encodeVector } from '../hash/encode.js'
import { assertIndex } from './asserted-query.js'
import type { OpenIndex } from './open-index.js'

/**
 * A query with the index whose family hashes it in the client. `nearest(db, table, { to: hashed })` sends the code, so
 * the database does not hash.
 */
export type HashedVector<D extends number = number> = number extends D
  ? HashedQueryVector
  : HashedQueryVector & { readonly vector: SizedVector<D> }

/** A vector, the index that hashes it, and its code. */
export interface HashedQueryVector {
  readonly vector: Float32Array
  readonly index: OpenIndex
  /** For kind residual, the code within the cell of the vector. */
  readonly code: BitCode
}

/**
 * Makes a query that the client hashes, for an opened index.
 *
 * @throws LshError `LSH02` if the dimension differs from that of the index, `bad_input` for NaN or infinite elements
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
    // A search hashes the query itself, and faster.
    get code() {
      return encodeVector(index.family, vector)
    },
  }
  return hashed
}
