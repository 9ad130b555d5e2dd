import { input, model } from '@tensorflow/tfjs-layers'
import type { SymbolicTensor } from '@tensorflow/tfjs-layers'
import { LshError } from '../../core/errors.js'
import { splitAutoEncoder } from './auto-encoder.js'
import type { Architecture, AutoEncoder, FrameSeed, Step } from './auto-encoder.js'
import { deep } from './deep.js'
import { fisher } from './fisher.js'
import { pca128 } from './pca128.js'
import { pixels } from './pixels.js'
import { refined } from './refined.js'
import { shallow } from './shallow.js'
import { standard } from './standard.js'

/** To add an architecture, write a file beside `shallow.ts` and add an entry here. */
const known: readonly Architecture[] = [shallow, deep, refined, pixels, pca128, standard, fisher]

/** Names that `trainEncoder` accepts as `architecture`. */
export const architectureNames: readonly string[] = known.map((architecture) => architecture.name)

/** @throws LshError `bad_usage` for a name that is not an architecture. */
export function architectureOf(name: string): Architecture {
  const architecture = known.find((candidate) => candidate.name === name)
  if (architecture) return architecture
  throw new LshError('bad_usage', `there is no architecture "${name}"`, {
    hint: `Choose one of: ${architectureNames.join(', ')}.`,
  })
}

/** Builds an auto-encoder with initial weights that depend only on the seed. */
export function buildAutoEncoder(name: string, { size, planes, seed }: FrameSeed): AutoEncoder {
  const architecture = architectureOf(name)
  const frame = input({ shape: [size, size, planes], name: 'frame' })
  // The seeds are far apart, so that encoder and decoder never draw the same numbers.
  const features = chain(frame, architecture.encoder({ size, planes, seed: seed * 1000 }))
  const image = chain(features, architecture.decoder({ size, planes, seed: seed * 1000 + 500 }))
  if (image.shape.slice(1).join() !== [size, size, planes].join()) {
    throw new LshError('bad_usage', `"${name}" does not reconstruct a frame of ${size} x ${size}`, {
      hint: 'Use a size that is a multiple of 8, such as 64.',
    })
  }
  return splitAutoEncoder(model({ inputs: frame, outputs: image, name }), features.sourceLayer.name)
}

function chain(start: SymbolicTensor, steps: readonly Step[]): SymbolicTensor {
  return steps.reduce(
    (tensor, step) =>
      ('branches' in step
        ? step.join.apply(step.branches.map((branch) => chain(tensor, branch)))
        : step.apply(tensor)) as SymbolicTensor,
    start,
  )
}
