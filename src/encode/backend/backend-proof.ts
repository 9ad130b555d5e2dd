import * as tf from '@tensorflow/tfjs-core'
// The gradients of the operations are registered by the layers library, not by the core.
import '@tensorflow/tfjs-layers'

/**
 * Runs one training step through a convolution and a transposed convolution, and throws if the loss does not fall. Some
 * builds load and multiply matrices but fail at the first gradient.
 */
export function proveTraining(): void {
  const optimizer = tf.train.sgd(0.05)
  const variables: tf.Variable[] = []
  try {
    tf.tidy(() => {
      const image = tf.reshape<tf.Rank.R4>(tf.linspace(0, 1, 64), [1, 8, 8, 1])
      const down = tf.variable(tf.fill<tf.Rank.R4>([3, 3, 1, 2], 0.1))
      const up = tf.variable(tf.fill<tf.Rank.R4>([3, 3, 1, 2], 0.1))
      variables.push(down, up)
      const loss = () => {
        const features = tf.conv2d(image, down, 2, 'same')
        const back = tf.conv2dTranspose(features, up, [1, 8, 8, 1], 2, 'same')
        return tf.mean<tf.Scalar>(tf.squaredDifference(back, image))
      }
      const first = optimizer.minimize(loss, true, variables)?.dataSync()[0] ?? Number.NaN
      const second = loss().dataSync()[0] ?? Number.NaN
      if (!(second < first)) {
        throw new Error(`a training step took its loss from ${first} to ${second}`)
      }
    })
  } finally {
    for (const variable of variables) variable.dispose()
    optimizer.dispose()
  }
}
