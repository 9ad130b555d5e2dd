import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  architectureNames,
  buildAutoEncoder,
} from '../../../src/encode/architectures/architecture.js'
import { disposeAutoEncoder } from '../../../src/encode/architectures/auto-encoder.js'
import { startBackend } from '../../../src/encode/backend/backend.js'

describe('buildAutoEncoder', () => {
  beforeAll(async () => {
    await startBackend()
  })

  it('builds every declared architecture with an output of the size of its frame', () => {
    for (const name of architectureNames) {
      const model = buildAutoEncoder(name, { size: 64, planes: 1, seed: 1 })
      expect(model.whole.outputs[0]?.shape).toEqual([null, 64, 64, 1])
      disposeAutoEncoder(model)
    }
  })

  it('maps a frame of 64 x 64 to 256 features with the shallow architecture', () => {
    const model = buildAutoEncoder('shallow', { size: 64, planes: 1, seed: 1 })
    expect(model.dims).toBe(256)
    expect(model.featureLayer).toBe('features')
    disposeAutoEncoder(model)
  })

  it('draws weights that depend only on the seed', () => {
    const weights = (seed: number) => {
      const model = buildAutoEncoder('shallow', { size: 16, planes: 1, seed })
      const values = model.whole.getWeights().map((tensor) => [...tensor.dataSync()])
      disposeAutoEncoder(model)
      return values
    }
    expect(weights(1)).toEqual(weights(1))
    expect(weights(1)).not.toEqual(weights(2))
  })

  it('shares the weights between both halves and frees them together', () => {
    const before = tf.memory().numTensors
    const model = buildAutoEncoder('shallow', { size: 16, planes: 1, seed: 1 })
    expect(model.encoder.getWeights()[0]).toBe(model.whole.getWeights()[0])
    disposeAutoEncoder(model)
    expect(tf.memory().numTensors).toBe(before)
  })
})
