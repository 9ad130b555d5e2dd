import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../../src/core/random.js'
import { buildAutoEncoder } from '../../../src/encode/architectures/architecture.js'
import { disposeAutoEncoder } from '../../../src/encode/architectures/auto-encoder.js'
import { startBackend } from '../../../src/encode/backend/backend.js'
import { foldNormalization } from '../../../src/encode/architectures/fold-normalization.js'

const shape = { size: 32, planes: 2 }

describe('foldNormalization', () => {
  beforeAll(() => startBackend())

  it.each(['deep', 'shallow'])('preserves the features of %s', (architecture) => {
    const before = tf.memory().numTensors
    const model = buildAutoEncoder(architecture, { ...shape, seed: 1 })
    const normalizations = model.encoder.layers.filter(
      (layer) => layer.getClassName() === 'BatchNormalization',
    )
    const source = random(2)
    // Values as after a training, far from the initial 0 and 1.
    for (const layer of normalizations) {
      const length = layer.getWeights()[0]?.size ?? 0
      const numbers = () => Float32Array.from({ length }, () => 0.5 + source.uniform())
      tf.tidy(() => layer.setWeights([1, 2, 3, 4].map(() => tf.tensor1d(numbers()))))
    }
    const folded = foldNormalization(model.encoder)
    const left = folded.layers.filter((layer) => layer.getClassName() === 'BatchNormalization')
    // The normalisation in layer "meaning" remains, as it follows no convolution.
    expect(left).toHaveLength(Math.min(1, normalizations.length))
    const frames = tf.randomUniform([5, shape.size, shape.size, shape.planes], 0, 1, 'float32', 3)
    const [features, again] = [model.encoder, folded].map((half) =>
      tf.tidy(() => (half.predict(frames) as tf.Tensor).dataSync().slice()),
    )
    expect(Math.max(...(features as Float32Array))).toBeGreaterThan(0.1)
    again?.forEach((value, i) => expect(value).toBeCloseTo(features?.[i] as number, 3))
    frames.dispose()
    folded.dispose()
    disposeAutoEncoder(model)
    expect(tf.memory().numTensors).toBe(before)
  })
})
