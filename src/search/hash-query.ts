import type { BitCode } from '../core/code.js'
import type { FeatureVector } from '../core/vector.js'
import { centered } from '../hash/centered.js'
import { encodeVector, products } from '../hash/encode.js'
import type { QueryDescription } from '../hash/query.js'
import type { OpenIndex } from './open-index.js'

/** A query that was hashed here: `nearest(db, table, { to: hashed })` sends it, and the database hashes nothing. */
export interface HashedVector<D extends number = number> {
  readonly vector: FeatureVector<D>
  readonly code: BitCode
  /** Buckets to visit, best first. */
  readonly buckets: Int32Array
  /** What codes are ranked by: the code with its margins or, of kind residual, what the code of each cell comes from. */
  readonly by:
    QueryDescription | { readonly centered: Float32Array; readonly products: Float32Array }
}

export interface HashQueryOptions {
  /** Buckets to visit. (Default: the index's) */
  probes?: number
}

/**
 * Hashes a query for the search in an open index, on the numerical back end.
 *
 * @throws LshError `LSH02` for another dimension, `bad_input` for NaN or infinite elements, `bad_usage` for no probes
 */
export function hashQuery<D extends number>(
  index: OpenIndex,
  vector: FeatureVector<D>,
  options: HashQueryOptions = {},
): HashedVector<D> {
  const { family, hasher } = index
  const { buckets, by } = hasher.hash(vector, options.probes ?? index.probes)
  if ('code' in by) return { vector, code: by.code, buckets, by }
  const rest = centered(family, vector).values
  return {
    vector,
    code: encodeVector(family, vector),
    buckets,
    by: { centered: rest, products: products(family, rest) },
  }
}
