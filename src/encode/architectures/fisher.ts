import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import { Matrix } from 'ml-matrix'
import type { Architecture } from './auto-encoder.js'
import { fisherProjection } from './fisher-projection.js'
import { frameLength } from '../trained/frame-tensor.js'
import { principalComponents } from './principal-components.js'

const AXES = 64
/** Principal components in which the scatter is measured. */
const COMPONENTS = 512

/**
 * Sixty-four linear functions of the frame's numbers that bring versions of one source together and separate classes
 * (Fisher, Annals of Eugenics 1936). The decoder is the linear regression of the numbers on them.
 */
export const fisher: Architecture = {
  name: 'fisher',
  fitsAll: true,
  encoder: () => [
    layers.flatten({ name: 'numbers' }),
    layers.dense({ name: 'features', units: AXES, kernelInitializer: 'zeros' }),
  ],
  decoder: (frame) => [
    layers.dense({ name: 'back', units: frameLength(frame), kernelInitializer: 'zeros' }),
    layers.reshape({ name: 'image', targetShape: [frame.size, frame.size, frame.planes] }),
  ],
  fit: ({ whole }, frames, frame, groups) => {
    const dims = frameLength(frame)
    const count = frames.length / dims
    const components = Math.min(COMPONENTS, dims, count)
    const { mean, directions } = principalComponents(frames, {
      dims,
      count: components,
      seed: frame.seed,
    })
    const down = Matrix.from1DArray(components, dims, Array.from(directions)).transpose()
    const rows = Matrix.from1DArray(count, dims, Array.from(frames))
      .subRowVector(Array.from(mean))
      .mmul(down)
    const none = {
      source: new Int32Array(count).map((_, i) => i),
      label: new Int32Array(count).fill(-1),
    }
    const map = fisherProjection(rows, groups ?? none, AXES)
    const back = regression(rows.mmul(map), rows)
    const encode = down.mmul(map)
    const decode = back.mmul(down.transpose())
    const shift = Matrix.rowVector(Array.from(mean)).mmul(encode).neg()
    tf.tidy(() => {
      whole.setWeights([
        tf.tensor2d(padded(encode, dims, AXES), [dims, AXES]),
        tf.tensor1d(padded(shift, 1, AXES)),
        tf.tensor2d(padded(decode, AXES, dims), [AXES, dims]),
        tf.tensor1d(mean),
      ])
    })
  },
}

/** The linear map that reconstructs rows from uncorrelated columns with the least squared error. */
function regression(columns: Matrix, rows: Matrix): Matrix {
  const products = columns.transpose().mmul(rows)
  const squares = columns.transpose().mmul(columns).diagonal()
  return products.mulColumnVector(squares.map((value) => (value > 1e-12 ? 1 / value : 0)))
}

/** Pads with zeros if there are fewer axes than the layers have units. */
function padded(matrix: Matrix, rows: number, columns: number): Float32Array {
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < matrix.rows; row++)
    for (let column = 0; column < matrix.columns; column++)
      out[row * columns + column] = matrix.get(row, column)
  return out
}
