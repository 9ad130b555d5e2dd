import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'

/** Takes the weights of a model out of the back end and puts them back. */
export function openWeights(model: LayersModel) {
  const shapes = model.getWeights().map(({ shape }) => shape)
  return {
    // The arrays of the back end may be windows on its memory, so they are copied.
    copy: () => model.getWeights().map((tensor) => tensor.dataSync<'float32'>().slice()),
    put: (values: readonly Float32Array[]) =>
      tf.tidy(() => model.setWeights(values.map((array, i) => tf.tensor(array, shapes[i])))),
  }
}
