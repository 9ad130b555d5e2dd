import * as tf from '@tensorflow/tfjs-core'
import { model as layersModel } from '@tensorflow/tfjs-layers'
import type { SymbolicTensor } from '@tensorflow/tfjs-layers'
import { LshError } from '../../core/errors.js'
import { random } from '../../core/random.js'
import { architectureOf } from '../architectures/architecture.js'
import { type AutoEncoder } from '../architectures/auto-encoder.js'
import { augmentPicture } from './augment-picture.js'
import { contrastLoss } from './contrast.js'
import { frameCount, frameShape, frameTensor, pickFrames } from '../trained/frame-tensor.js'
import { reconstructionLoss } from './loss.js'
import { RECONSTRUCTION, seedOf, type Objective } from './objective.js'
import { pictureSimilarityTargets } from './picture-similarity-targets.js'
import type { PictureGroups } from '../frames/picture-groups.js'
import type { TrainingFrames, TrainSettings } from './train-options.js'
import { plainBatches } from './training-batches.js'

/** Frames per step; each occurs twice. */
const FRAMES = 48

/**
 * Objective for images and neurons: two augmented copies of a frame, versions of one source and, if labels are given,
 * frames of one class are similar; in addition, frames are reconstructed.
 */
export function invariance(
  { whole }: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, architecture, seed }: TrainSettings,
  baselineLoss: number,
): Objective {
  const { groups } = frames
  if (!groups || !('picture' in preprocessing)) throw noGroups()
  const { picture } = preprocessing
  const shape = frameShape(preprocessing)
  const count = frameCount(frames.train, shape)
  const layer = whole.getLayer(architectureOf(architecture).similarityLayer ?? '')
  const both = layersModel({
    inputs: whole.inputs,
    outputs: [whole.outputs[0] as SymbolicTensor, layer.output as SymbolicTensor],
  })
  const sharpness = tf.tidy(() => tf.variable(tf.scalar(1)))

  /** Two augmented copies of each frame, and the frame that each copy is of. */
  function copies(of: Float32Array, chosen: Int32Array, copySeed: number) {
    const twice = Int32Array.from([...chosen, ...chosen])
    const source = random(copySeed)
    const seen = augmentPicture(pickFrames(of, twice, shape), shape, { source, picture })
    return { twice, seen }
  }

  const losses = (seen: Float32Array, twice: Int32Array, of: PictureGroups, training: boolean) => {
    const images = frameTensor(seen, shape)
    const [made, features] = both.apply(images, { training }) as [tf.Tensor, tf.Tensor2D]
    return {
      error: tf.mean<tf.Scalar>(tf.squaredDifference(made, images)),
      contrast: contrastLoss(features, pictureSimilarityTargets(twice, of), sharpness),
    }
  }

  return {
    variables: [sharpness],
    batches: (epoch) => plainBatches(count, FRAMES, seedOf(seed, epoch)),
    step(chosen, epoch) {
      const { twice, seen } = copies(frames.train, chosen, seedOf(seed, epoch) + chosen[0]!)
      return () => {
        const { error, contrast } = losses(seen, twice, groups.train, true)
        return tf.add(tf.mul(error, RECONSTRUCTION / baselineLoss), contrast)
      }
    },
    validate() {
      const loss = reconstructionLoss(whole, frames.validation, shape)
      const batches = plainBatches(frameCount(frames.validation, shape), FRAMES, 1)
      let [sum, all] = [0, 0]
      for (const chosen of batches) {
        const { twice, seen } = copies(frames.validation, chosen, 1)
        sum += tf.tidy(() => {
          const { contrast } = losses(seen, twice, groups.validation, false)
          return (contrast.dataSync()[0] ?? Number.NaN) * chosen.length
        })
        all += chosen.length
      }
      const contrast = sum / all
      return { loss, contrast, score: (RECONSTRUCTION * loss) / baselineLoss + contrast }
    },
    close: () => sharpness.dispose(),
  }
}

function noGroups(): LshError {
  return new LshError('training', 'the images have neither labels nor sources', {
    hint: 'Train it on images or neurons that were loaded with "pg-lsh load images" or "pg-lsh load swc".',
  })
}
