import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../../src/core/random.js'
import { startBackend } from '../../../src/encode/backend/backend.js'

const tolerance = 1e-4

interface Values {
  readonly shape: number[]
  readonly data: Float32Array
}

describe('training kernels of the wasm back end', () => {
  beforeAll(async () => {
    await startBackend({ prefer: 'cpu' })
    await startBackend({ prefer: 'wasm' })
  })

  const sizes = [[8, 8], [9, 7], [5, 6]] as const // prettier-ignore
  const channels = [[1, 4, 2], [3, 5, 1], [4, 1, 3]] as const // prettier-ignore
  for (const stride of [1, 2, 3]) {
    for (const pad of ['same', 'valid'] as const) {
      it(`agrees with cpu on convolutions, stride ${stride}, ${pad}`, async () => {
        for (const [h, w] of sizes) {
          for (const kernel of [1, 2, 3, 4, 5]) {
            // With 'same', the forward pass of stock wasm is wrong for a kernel smaller than its stride.
            if (pad === 'same' && kernel < stride) continue
            for (const [ci, co, n] of channels) {
              const place = `${h}x${w}, kernel ${kernel}, ${ci} to ${co} channels`
              const shape: [number, number] = [kernel, kernel]
              expect(
                await difference(() =>
                  gradients([n, h, w, ci], [...shape, ci, co], (x, filter) =>
                    tf.conv2d(x, filter, stride, pad),
                  ),
                ),
                place,
              ).toBeLessThanOrEqual(tolerance)
              const out = (size: number) =>
                pad === 'same' ? size * stride : (size - 1) * stride + kernel
              expect(
                await difference(() =>
                  gradients([n, h, w, co], [...shape, ci, co], (x, filter) =>
                    tf.conv2dTranspose(x, filter, [n, out(h), out(w), ci], stride, pad),
                  ),
                ),
                `transposed, ${place}`,
              ).toBeLessThanOrEqual(tolerance)
            }
          }
        }
      })
    }
  }

  it('agrees with cpu on products of matrices with transpose flags', async () => {
    for (const [m, k, n] of [
      [33, 7, 19],
      [7, 33, 5],
      [2, 3, 64],
    ] as const) {
      // prettier-ignore
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const worst = await difference(() => {
            const a = numbers(transposeA ? [k, m] : [m, k], 1) as tf.Tensor2D
            const b = numbers(transposeB ? [n, k] : [k, n], 2) as tf.Tensor2D
            const { value, grads } = tf.valueAndGrads((a, b) =>
              tf.sum(tf.square(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, transposeB))),
            )([a, b])
            return [value, ...grads]
          })
          expect(worst).toBeLessThanOrEqual(tolerance)
        }
      }
    }
  })

  it('leaves batches of matrices to the kernel of the back end', async () => {
    const worst = await difference(() => {
      const a = numbers([3, 4, 5], 1)
      const b = numbers([3, 6, 5], 2)
      return [tf.matMul(a, b, false, true)]
    })
    expect(worst).toBeLessThanOrEqual(tolerance)
  })

  it('refuses the gradient of maxPool, which the back end computes wrongly', async () => {
    await tf.setBackend('wasm')
    const train = () =>
      tf.tidy(() =>
        tf.grad((x) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, 'same')))(
          numbers([1, 4, 4, 1], 1),
        ),
      )
    expect(train).toThrow(expect.objectContaining({ name: 'LshError', code: 'backend' }))
  })

  it('leaks no memory of the back end', async () => {
    await tf.setBackend('wasm')
    const held = () => [tf.memory().numTensors, tf.backend().numDataIds()]
    const before = held()
    for (let i = 0; i < 5; i++) {
      tf.tidy(() => {
        gradients([4, 15, 15, 3], [3, 3, 3, 8], (x, filter) => tf.conv2d(x, filter, 2, 'same'))
        gradients([4, 8, 8, 8], [3, 3, 3, 8], (x, filter) =>
          tf.conv2dTranspose(x, filter, [4, 15, 15, 3], 2, 'same'),
        )
        tf.matMul(numbers([3, 4], 1), numbers([3, 4], 2), true, false)
      })
    }
    expect(held()).toEqual(before)
  })
})

function numbers(shape: number[], seed: number): tf.Tensor {
  const source = random(seed)
  const values = Float32Array.from(
    { length: tf.util.sizeFromShape(shape) },
    () => 2 * source.uniform() - 1,
  )
  return tf.tensor(values, shape)
}

/** Value and both gradients of a weighted sum of the output of the layer. */
function gradients(
  input: [number, number, number, number],
  filter: [number, number, number, number],
  layer: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor,
): tf.Tensor[] {
  const { value, grads } = tf.valueAndGrads((x, w) => {
    const y = layer(x as tf.Tensor4D, w as tf.Tensor4D)
    return tf.sum(tf.mul(y, numbers(y.shape, 3)))
  })([numbers(input, 1), numbers(filter, 2)])
  return [value, ...grads]
}

/** Largest difference between the back ends, relative to the largest number on cpu. */
async function difference(compute: () => tf.Tensor[]): Promise<number> {
  const cpu = await valuesOn('cpu', compute)
  const wasm = await valuesOn('wasm', compute)
  let worst = 0
  cpu.forEach((expected, i) => {
    const actual = wasm[i] as Values
    expect(actual.shape).toEqual(expected.shape)
    // A sum near 0 has no scale of its own; its terms are of size 1.
    let largest = expected.data.length === 1 ? 30 : 1e-6
    let apart = 0
    expected.data.forEach((value, j) => {
      largest = Math.max(largest, Math.abs(value))
      apart = Math.max(apart, Math.abs(value - (actual.data[j] ?? Number.NaN)))
    })
    worst = Math.max(worst, apart / largest)
  })
  return worst
}

async function valuesOn(backend: string, compute: () => tf.Tensor[]): Promise<Values[]> {
  await tf.setBackend(backend)
  const tensors = tf.tidy(compute)
  const values = tensors.map((tensor) => ({
    shape: [...tensor.shape],
    data: Float32Array.from(tensor.dataSync()),
  }))
  tf.dispose(tensors)
  return values
}
