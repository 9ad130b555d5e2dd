import * as tf from '@tensorflow/tfjs-core'
import { Matrix } from 'ml-matrix'
import { LshError } from '../../core/errors.js'
import { leadingEigenvectors } from '../../core/leading-eigenvectors.js'
import { random } from '../../core/random.js'

export interface PrincipalComponentsOptions {
  /** Dimension of the vectors. */
  dims: number
  /** Components to find. */
  count: number
  /** Seed of the start of the iteration. */
  seed: number
}

export interface PrincipalComponents {
  readonly mean: Float32Array
  /** One after the other, each of length 1. */
  readonly directions: Float32Array
  /** Variance of the vectors along each direction. */
  readonly variances: Float32Array
}

/** Extra directions that make the last of the wanted ones accurate. */
const MORE = 32
const ROUNDS = 6
/** Most numbers of the vectors to use, evenly spaced: 6000 frames of 64 x 64. More change the result little. */
const MOST = 6000 * 4096

/**
 * Mean of vectors, and the orthonormal directions of largest variance, in descending order, each with a positive
 * largest element. By subspace iteration (Halko, Martinsson and Tropp, SIAM Review 2011), on the running back end.
 *
 * @throws LshError `training` for fewer vectors than components
 */
export function principalComponents(
  vectors: Float32Array,
  { dims, count, seed }: PrincipalComponentsOptions,
): PrincipalComponents {
  const all = vectors.length / dims
  if (all < count) {
    throw new LshError('training', `${all} vectors have fewer than ${count} principal components`, {
      hint: 'Load more plans.',
    })
  }
  const rows = evenly(vectors, dims)
  const width = Math.min(count + MORE, rows.length / dims, dims)
  return tf.tidy(() => {
    const raw = tf.tensor2d(rows, [rows.length / dims, dims])
    const center = tf.mean(raw, 0)
    const data = tf.sub<tf.Tensor2D>(raw, center)
    // Transposed once here, because the WebAssembly back end multiplies by a transposed matrix in a
    // slow loop.
    const turned = tf.transpose(data)
    const source = random(seed)
    let basis = orthonormal(
      Float64Array.from({ length: width * dims }, () => source.normal()),
      dims,
    )
    const columns = () => tf.transpose(tf.tensor2d(Float32Array.from(basis), [width, dims]))
    for (let round = 0; round < ROUNDS; round++) {
      const next = tf.tidy(() => tf.transpose(tf.matMul(turned, tf.matMul(data, columns()))))
      basis = orthonormal(Float64Array.from(next.dataSync()), dims)
    }
    const projected = tf.matMul(data, columns())
    const products = tf.matMul(tf.transpose(projected), projected).dataSync()
    const scatter = Matrix.from1DArray(width, width, Array.from(products))
    const rotation = leadingEigenvectors(scatter, count)
    const variances = rotation.transpose().mmul(scatter).mmul(rotation).diagonal()
    return {
      mean: center.dataSync<'float32'>().slice(),
      directions: rotated(basis, rotation, dims),
      variances: Float32Array.from(variances, (sum) => sum / raw.shape[0]),
    }
  })
}

function evenly(vectors: Float32Array, dims: number): Float32Array {
  const all = vectors.length / dims
  const most = Math.floor(MOST / dims)
  if (all <= most) return vectors
  const rows = new Float32Array(most * dims)
  for (let i = 0; i < most; i++) {
    const from = Math.floor((i * all) / most) * dims
    rows.set(vectors.subarray(from, from + dims), i * dims)
  }
  return rows
}

/** Makes vectors orthonormal in their order, by Gram–Schmidt, twice for accuracy. */
function orthonormal(vectors: Float64Array, dims: number): Float64Array {
  for (let at = 0; at < vectors.length; at += dims) {
    const vector = vectors.subarray(at, at + dims)
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < at; before += dims) {
        let product = 0
        for (let d = 0; d < dims; d++) product += vector[d]! * vectors[before + d]!
        for (let d = 0; d < dims; d++) vector[d]! -= product * vectors[before + d]!
      }
    }
    const length = Math.hypot(...vector)
    for (let d = 0; d < dims; d++) vector[d]! /= length > 0 ? length : 1
  }
  return vectors
}

function rotated(basis: Float64Array, rotation: Matrix, dims: number): Float32Array {
  const out = new Float32Array(rotation.columns * dims)
  for (let row = 0; row < rotation.columns; row++) {
    const direction = out.subarray(row * dims, (row + 1) * dims)
    rotation.getColumn(row).forEach((weight, i) => {
      for (let d = 0; d < dims; d++) direction[d]! += weight * basis[i * dims + d]!
    })
    const largest = direction.reduce(
      (most, value) => (Math.abs(value) > Math.abs(most) ? value : most),
      0,
    )
    if (largest < 0) for (let d = 0; d < dims; d++) direction[d] = -direction[d]!
  }
  return out
}
