import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'

/** Copies the weights of a model out of the back end and restores them. */
export function openWeights(model: LayersModel) {
  const shapes = model.getWeights().map(({ shape }) => shape)
  return {
    // Copied, because the arrays of the back end may be views of its memory.
    copy: () => model.getWeights().map((tensor) => tensor.dataSync<'float32'>().slice()),
    put: (values: readonly Float32Array[]) =>
      tf.tidy(() => model.setWeights(values.map((array, i) => tf.tensor(array, shapes[i])))),
  }
}
