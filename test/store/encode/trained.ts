import type { TrainedEncoder } from '../../../src/encode/trained/trained-encoder.js'
import { preprocessingOf, type PlaneName } from '../../../src/encode/frames/frame.js'
import { trainEncoder } from '../../../src/encode/training/train.js'
import { phantomFrames } from '../../encode/phantom.js'

/** A real encoder of CT, trained in about a second on frames of 16 x 16. */
export async function smallEncoder(): Promise<TrainedEncoder> {
  const size = 16
  const frames = {
    train: phantomFrames(64, { size, seed: 1 }),
    validation: phantomFrames(16, { size, seed: 2 }),
  }
  const preprocessing = preprocessingOf('ct', { size })
  return trainEncoder(frames, { preprocessing, epochs: 10, learningRate: 0.01 })
}

/**
 * An encoder whose features are the pixels, so that no two slices share them as with an encoder of other images.
 * (Default: of CT)
 */
export function smallPixels(plane: PlaneName = 'ct'): Promise<TrainedEncoder> {
  const frames = (seed: number) => phantomFrames(4, { size: 16, seed })
  return trainEncoder(
    { train: frames(1), validation: frames(2) },
    { preprocessing: preprocessingOf(plane, { size: 16 }), architecture: 'pixels' },
  )
}
