import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from './backend.js'

/** Starts the numerical back end; returns what multiplies many vectors on it, summing in 4-byte floats. */
export async function openMultiply(): Promise<
  (vectors: Float32Array, directions: Float32Array, dims: number) => Float32Array
> {
  await startBackend()
  return (vectors, directions, dims) => {
    if (vectors.length === 0 || directions.length === 0) return new Float32Array(0)
    let products: Float32Array = new Float32Array(0)
    tf.tidy(() => {
      const left = tf.tensor2d(vectors, [vectors.length / dims, dims])
      // Turned round here: the WebAssembly back end multiplies by a transposed matrix with a slow loop.
      const right = tf.transpose(tf.tensor2d(directions, [directions.length / dims, dims]))
      products = tf.matMul(left, right).dataSync<'float32'>()
      // Not returned: tidy would look through a returned array for tensors, number by number.
    })
    return products
  }
}

/** Directions that a numerical back end holds, to multiply one vector after the other by them. */
export interface KeptDirections {
  /** Inner products of a vector with all directions. */
  multiply(x: Float32Array): Float32Array
  /** Gives their memory back. */
  release(): void
}

export type KeepDirections = (directions: Float32Array, dims: number) => KeptDirections

/** Starts the numerical back end; returns what keeps directions on it for one vector after the other. */
export async function openKeep(): Promise<KeepDirections> {
  await startBackend()
  return (directions, dims) => {
    const count = directions.length / dims
    if (count === 0) return { multiply: () => new Float32Array(0), release: () => undefined }
    const kept = tf.tidy(() => tf.transpose(tf.tensor2d(directions, [count, dims])))
    return {
      multiply: (x) => {
        const left = tf.tensor2d(x, [1, dims])
        const products = tf.matMul(left, kept)
        const values = products.dataSync<'float32'>()
        tf.dispose([left, products])
        return values
      },
      release: () => kept.dispose(),
    }
  }
}
