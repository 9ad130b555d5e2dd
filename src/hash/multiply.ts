import { project } from './project.js'

/**
 * Inner products of vectors with directions, both end to end: with all directions for the first vector,
 * then for the second, …
 */
export type Multiply = (
  vectors: Float32Array,
  directions: Float32Array,
  dims: number,
) => Float32Array

/** In plain JavaScript, summed in double precision. `openMultiply` of `encode` is some ten times as fast, in 4-byte floats. */
export const plainMultiply: Multiply = (vectors, directions, dims) => {
  const rows = vectors.length / dims
  const into = new Float64Array((rows * directions.length) / dims)
  project({ weight: directions, dims, vectors: Float64Array.from(vectors), rows, into })
  return Float32Array.from(into)
}
