import * as tf from '@tensorflow/tfjs-core'
import { models } from '@tensorflow/tfjs-layers'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { LshError } from '../../core/errors.js'
import { splitAutoEncoder } from './auto-encoder.js'
import type { AutoEncoder } from './auto-encoder.js'
import type {
  Json,
  AnyPreprocessing,
  TrainedEncoder,
  WeightSpec,
} from '../trained/trained-encoder.js'

/** The layers and weights of a model as plain data. */
export interface ModelData {
  readonly topology: Json
  readonly weightSpecs: readonly WeightSpec[]
  readonly weights: Uint8Array
}

type ModelJson = Parameters<typeof models.modelFromJSON>[0]

/** Copies a model out of the back end. */
export function saveModel(model: LayersModel): ModelData {
  const weightSpecs = model.weights.map(({ originalName, shape }) => ({
    name: originalName,
    shape: shape.map((length) => length ?? 0),
  }))
  const arrays = model.getWeights().map((tensor) => tensor.dataSync())
  const length = arrays.reduce((sum, array) => sum + array.length, 0)
  const bytes = new DataView(new ArrayBuffer(length * 4))
  let at = 0
  for (const array of arrays) {
    for (const value of array) {
      bytes.setFloat32(at, value, true)
      at += 4
    }
  }
  return {
    // Through text, so that it is the same before and after it was stored in the database.
    topology: JSON.parse(JSON.stringify(model.toJSON(null, false))) as Json,
    weightSpecs,
    weights: new Uint8Array(bytes.buffer),
  }
}

/** Builds the model from the stored data of a trained encoder, independently of the current declarations. */
export async function restoreModel(
  trained: TrainedEncoder<AnyPreprocessing>,
): Promise<AutoEncoder> {
  const { topology, weightSpecs, weights, featureLayer } = trained
  const whole = await models.modelFromJSON({ modelTopology: topology } as ModelJson)
  const numbers = weightSpecs.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0)
  if (weights.byteLength !== numbers * 4 || weightSpecs.length !== whole.weights.length) {
    whole.dispose()
    throw new LshError(
      'bad_input',
      `encoder has ${weights.byteLength} bytes of weights, but its layers need ${numbers * 4}`,
      { hint: 'The stored encoder is incomplete: train it again, or restore it.' },
    )
  }
  const bytes = new DataView(weights.buffer, weights.byteOffset, weights.byteLength)
  let at = 0
  tf.tidy(() => {
    const tensors = weightSpecs.map(({ shape }) => {
      const values = new Float32Array(tf.util.sizeFromShape([...shape]))
      for (let i = 0; i < values.length; i++, at += 4) values[i] = bytes.getFloat32(at, true)
      return tf.tensor(values, [...shape])
    })
    whole.setWeights(tensors)
  })
  return splitAutoEncoder(whole, featureLayer)
}
