import { Matrix } from 'ml-matrix'
import { leadingEigenvectors } from '../core/leading-eigenvectors.js'
import { random } from '../core/random.js'
import { multiply } from './multiply.js'
import { rowsOf, type TrainingSet } from './train-set.js'

/** Most axes to compute: a decomposition takes the cube of its size. */
export const MOST_AXES = 256
/** Extra axes that make the last of the wanted ones accurate. */
const MORE = 32
const ROUNDS = 6

/** The rows that axes are learned from. */
type Rows = Pick<TrainingSet, 'dims' | 'values' | 'learned' | 'seed'>

/** Principal axes of the rows to learn from: orthonormal, concatenated, largest variance first, at most 256. */
export function principalAxes(set: Rows): Float32Array {
  const { dims } = set
  const scatter = scatterOf(set)
  if (dims <= MOST_AXES) {
    const axes = leadingEigenvectors(Matrix.from1DArray(dims, dims, scatter), dims)
    return Float32Array.from(axes.transpose().to1DArray())
  }
  // Subspace iteration (Halko, Martinsson and Tropp, SIAM Review 2011).
  const width = Math.min(dims, MOST_AXES + MORE)
  const source = random(set.seed)
  let basis = orthonormal(
    Float32Array.from({ length: width * dims }, () => source.normal()),
    dims,
  )
  for (let round = 0; round < ROUNDS; round++)
    basis = orthonormal(multiply(basis, scatter, dims), dims)
  const inside = multiply(multiply(basis, scatter, dims), basis, dims)
  const turn = leadingEigenvectors(Matrix.from1DArray(width, width, inside), MOST_AXES)
  return multiply(Float32Array.from(turn.transpose().to1DArray()), transposed(basis, dims), width)
}

/** Transposes a row-major matrix. */
export function transposed(values: Float32Array, width: number): Float32Array {
  const height = values.length / width
  const out = new Float32Array(values.length)
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++, at++) out[column * height + row] = values[at]!
  return out
}

function scatterOf({ values, dims, learned }: Rows): Float32Array {
  const columns = transposed(rowsOf(values, dims, learned), dims)
  return multiply(columns, columns, learned.length)
}

/** Makes vectors orthonormal in their order, by Gram–Schmidt, twice for accuracy. */
function orthonormal(vectors: Float32Array, dims: number): Float32Array {
  const done: Float32Array[] = []
  for (let at = 0; at < vectors.length; at += dims) {
    const vector = vectors.subarray(at, at + dims)
    for (const before of [...done, ...done]) {
      let product = 0
      for (let d = 0; d < dims; d++) product += vector[d]! * before[d]!
      for (let d = 0; d < dims; d++) vector[d]! -= product * before[d]!
    }
    let squares = 0
    for (const value of vector) squares += value * value
    const length = Math.sqrt(squares)
    for (let d = 0; d < dims; d++) vector[d]! /= length > 0 ? length : 1
    done.push(vector)
  }
  return vectors
}
