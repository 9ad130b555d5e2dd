import { kindOf, refuseArgument } from './arguments.js'
import { LshError } from './errors.js'

declare const DIMENSIONS: unique symbol

/**
 * A feature vector of 4-byte numbers. `D` is the number of dimensions if it is known at compile time; vectors of
 * different dimensions are then incompatible types. A plain `Float32Array` is accepted everywhere and checked at run
 * time.
 */
export type FeatureVector<D extends number = number> = number extends D
  ? Float32Array
  : SizedVector<D>

/** A vector with its dimensions in the type. */
export type SizedVector<D extends number> = Float32Array & { readonly [DIMENSIONS]?: D }

/**
 * A vector of numbers: `vector([0.1, 0.9, 3])` is a `FeatureVector<3>`.
 *
 * @throws LshError `bad_input` for NaN or infinite elements, or no elements
 */
export function vector<const T extends readonly number[]>(elements: T): FeatureVector<T['length']>
/**
 * The numbers of a list as a vector of that many dimensions: `vector(numbers, 128)` is a `FeatureVector<128>`.
 *
 * @throws LshError `LSH02` for a list of another length, `bad_input` for NaN or infinite elements
 */
export function vector<D extends number>(elements: ArrayLike<number>, dims: D): FeatureVector<D>
export function vector(elements: ArrayLike<number>, dims?: number): Float32Array {
  if (!Array.isArray(elements) && !ArrayBuffer.isView(elements))
    refuseArgument('the list of elements', elements, 'an array', 'Give numbers: [0.1, 0.9, 3].')
  return sized(elements, dims ?? elements.length)
}

function sized(elements: ArrayLike<number>, dims: number): Float32Array {
  const values = Float32Array.from(elements)
  if (values.length !== dims) {
    throw new LshError(
      'LSH02',
      `vector has ${values.length} dimensions, not ${typeof dims === 'number' ? dims : kindOf(dims)}`,
      {
        hint: 'Encode it with the encoder of the stored vectors.',
      },
    )
  }
  assertFinite(values)
  return values
}

/** @throws LshError `bad_input` for a vector without elements, or with one that is NaN or infinite. */
export function assertFinite(vector: Float32Array): void {
  if (vector.length === 0) {
    throw new LshError('bad_input', 'the vector has no elements', {
      hint: 'A vector has at least one dimension.',
    })
  }
  const place = vector.findIndex((value) => !Number.isFinite(value))
  if (place === -1) return
  throw new LshError('bad_input', `element ${place} of the vector is ${vector[place]}`, {
    hint: 'All elements of a vector are finite numbers; see what the encoder was given.',
  })
}

/** Euclidean distance of two vectors of equal length, summed in double precision. */
export function vectorDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

/** Vectors one after the other. */
export function endToEnd(vectors: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(vectors.reduce((sum, vector) => sum + vector.length, 0))
  let at = 0
  for (const vector of vectors) {
    all.set(vector, at)
    at += vector.length
  }
  return all
}

/** Euclidean length of a vector. */
export function vectorLength(vector: ArrayLike<number>): number {
  let squares = 0
  for (let d = 0; d < vector.length; d++) squares += vector[d]! ** 2
  return Math.sqrt(squares)
}
