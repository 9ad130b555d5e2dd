import { permutation, random } from '../../../src/core/random.js'
import { pickRows, type HeldVectors } from './dataset.js'

/** The data set reduced to `rows` random rows, always the same; queries are unchanged. (Default: all rows) */
export function sampled(vectors: HeldVectors, rows = Infinity): HeldVectors {
  if (rows >= vectors.base.rows) return vectors
  const order = permutation(vectors.base.rows, random(1)).subarray(0, rows)
  return { base: pickRows(vectors.base, order), queries: vectors.queries }
}
