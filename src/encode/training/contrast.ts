import * as tf from '@tensorflow/tfjs-core'
import type { SimilarityTargets } from './similarity-targets.js'

/**
 * Contrastive loss of features: the cross entropy between the target shares and `softmax(−temperature · |x − y|² /
 * dims)`, the probability of picking a neighbour (neighbourhood components analysis, Goldberger et al., NIPS 2004, with
 * soft classes). `sharpness` is the logarithm of the temperature.
 */
export function contrastLoss(
  features: tf.Tensor2D,
  { shares, mask }: SimilarityTargets,
  sharpness: tf.Tensor,
): tf.Scalar {
  const [count, dims] = features.shape
  const square = tf.sum(tf.square(features), 1, true)
  const products = tf.matMul(features, tf.transpose(features))
  const distances = tf.sub(tf.add(square, tf.transpose(square)), tf.mul(products, 2))
  const logits = tf.add(
    tf.mul(distances, tf.neg(tf.div(tf.exp(sharpness), dims))),
    tf.tensor2d(mask, [count, count]),
  )
  const wanted = tf.tensor2d(shares, [count, count])
  const crossed = tf.sum(tf.mul(wanted, tf.logSoftmax(logits)))
  return tf.neg(tf.div(crossed, count))
}
