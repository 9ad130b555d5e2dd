import { assertVector, refuseArgument } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { assertFinite, vectorLength } from '../core/vector.js'
import type { HashFamily } from './family.js'

/** Vectors less the center of a family, and how long they are. */
export interface Centered {
  /** One vector after the other, each element rounded to 4 bytes as pgvector does. */
  readonly values: Float32Array
  readonly norms: Float32Array
}

/** From here on squares might leave the range of 4-byte numbers. */
const FAR = 1e18
/** What vectors that far out are multiplied by, and the center with them: 2 to the minus 80. */
const SHRINK = 2 ** -80

/**
 * Subtracts the center of a family from vectors that stand one after the other, `lsh_internal.difference`: in the
 * same direction but 2^80 times as short where `|x| + |center|` reaches 1e18.
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
    // One look at the sum stands for a look at each element, and at the length of nearly all vectors.
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

/** Writes the difference of two vectors, shrunk; returns the sum of its squares. */
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

/** Refuses a vector of another dimension than the family has. */
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

/** @throws LshError `bad_usage` unless it looks like a family. */
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
