import { assertVector, refuseArgument } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { assertFinite, vectorLength } from '../core/vector.js'
import type { HashFamily } from './family.js'

/** Vectors less the center of a family, and their lengths. */
export interface Centered {
  /** One vector after the other, each element rounded to 4 bytes as pgvector does. */
  readonly values: Float32Array
  readonly norms: Float32Array
}

/** Beyond this length, squares may leave the range of 4-byte numbers. */
const FAR = 1e18
/** Factor for vectors that long, and for the center with them: 2 to the minus 80. */
const SHRINK = 2 ** -80

/**
 * Subtracts the center of a family from concatenated vectors: `lsh_internal.difference`. Where `|x| + |center|` reaches
 * 1e18, the difference is multiplied by 2^-80, which keeps its direction.
 */
export function centered(family: HashFamily, vectors: Float32Array): Centered {
  const { dims, center } = family
  const values = new Float32Array(vectors.length)
  const norms = new Float32Array(vectors.length / dims)
  const far = FAR - vectorLength(center)
  for (let row = 0; row < norms.length; row++) {
    let squares = 0
    for (let d = 0; d < dims; d++) {
      const value = Math.fround(vectors[row * dims + d]! - center[d]!)
      values[row * dims + d] = value
      squares += value * value
    }
    // One check of the sum replaces a check of each element, and of nearly all lengths.
    if (!(squares < (FAR / 10) ** 2) || far < FAR / 2) {
      const [from, to] = [row * dims, (row + 1) * dims]
      const x = vectors.subarray(from, to)
      assertFinite(x)
      if (vectorLength(x) >= far) squares = shrink(x, center, values.subarray(from, to))
    }
    norms[row] = Math.sqrt(squares)
  }
  return { values, norms }
}

/** Writes the scaled difference of two vectors; returns the sum of its squares. */
function shrink(x: Float32Array, center: Float32Array, into: Float32Array): number {
  let squares = 0
  for (let d = 0; d < into.length; d++) {
    const value = Math.fround(
      Math.fround(x[d]! * SHRINK) - Math.fround((center[d] as number) * SHRINK),
    )
    into[d] = value
    squares += value * value
  }
  return squares
}

/** Refuses a vector whose dimension is not that of the family. */
export function assertDims(family: HashFamily, x: Float32Array): void {
  assertFamilyObject(family)
  assertVector('the vector', x)
  if (x.length === family.dims) return
  throw new LshError(
    'LSH02',
    `vector has ${x.length} dimensions, family "${family.name}" has ${family.dims}`,
    { hint: 'Encode the query with the encoder of the stored vectors.' },
  )
}

/** @throws LshError `bad_usage` if the value does not look like a family. */
export function assertFamilyObject(family: unknown): void {
  const { center } = (family ?? {}) as { center?: unknown }
  if (center instanceof Float32Array) return
  refuseArgument(
    'the family',
    family,
    'a hash family',
    'Pass the result of readFamily: "await readFamily(db, name)".',
  )
}
