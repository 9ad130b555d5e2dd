import { ownEntry } from '../../core/own-entry.js'
import { LshError } from '../../core/errors.js'
import { suggestName } from '../../core/nearest-name.js'
import { PICTURE_SPACES, pictureSpace } from './picture-spaces.js'
import { preprocessingOf, type PlaneName, type Preprocessing } from '../../encode/frames/frame.js'

/** What is trained for a space that has an encoder of its own. */
export interface EncodedSpace {
  readonly architecture: string
  readonly planes: readonly PlaneName[]
  readonly crop: Preprocessing['crop']
  /** Passes over the training slices when nothing else is asked for. */
  readonly epochs: number
  /** Structures tell which slices of different patients lie at the same place. (Default: true, where there are any) */
  readonly structures?: boolean
}

/** Spaces that `pg-lsh train` knows. */
export const ENCODED_SPACES: Readonly<Record<string, EncodedSpace>> = {
  ct_shallow: { architecture: 'shallow', planes: ['ct'], crop: 'body', epochs: 8 },
  dose_shallow: { architecture: 'shallow', planes: ['dose'], crop: 'body', epochs: 8 },
  ct_deep: { architecture: 'deep', planes: ['ct', 'soft'], crop: 'body', epochs: 24 },
  dose_deep: { architecture: 'deep', planes: ['dose'], crop: 'body', epochs: 24 },
  joint_deep: { architecture: 'deep', planes: ['ct', 'soft', 'dose'], crop: 'body', epochs: 24 },
  // The same as ct_deep, trained with nothing but the order of slices within each plan.
  ct_order: {
    architecture: 'deep',
    planes: ['ct', 'soft'],
    crop: 'body',
    epochs: 24,
    structures: false,
  },
  // Trained for nothing but to give slices back.
  ct_refined: { architecture: 'refined', planes: ['ct'], crop: 'body', epochs: 8 },
  dose_refined: { architecture: 'refined', planes: ['dose'], crop: 'body', epochs: 8 },
  // What encoders are compared with.
  pixels: { architecture: 'pixels', planes: ['ct'], crop: 'raster', epochs: 1 },
  pca128: { architecture: 'pca128', planes: ['ct'], crop: 'raster', epochs: 1 },
  // The same with the crop of the encoders, which by itself brings slices of different scanners together.
  pixels_body: { architecture: 'pixels', planes: ['ct'], crop: 'body', epochs: 1 },
  pca128_body: { architecture: 'pca128', planes: ['ct'], crop: 'body', epochs: 1 },
}

/** Spaces that join others, with their parts. */
export const JOINT_SPACES: Readonly<Record<string, readonly string[]>> = {
  joint_shallow: ['ct_shallow', 'dose_shallow'],
}

/** Names that `pg-lsh train` takes: of spaces of slices, and of images and neurons. */
export const TRAINED_SPACES: readonly string[] = [
  ...Object.keys(ENCODED_SPACES),
  ...Object.keys(PICTURE_SPACES),
]

/** Passes over the training frames when nothing else is asked for. */
export function epochsOf(name: string): number {
  return (pictureSpace(name) ?? encodedSpace(name)).epochs
}

/** @throws LshError `bad_usage` for a space that nothing is known to train for */
export function encodedSpace(name: string): EncodedSpace {
  const known = ownEntry(ENCODED_SPACES, name)
  if (known) return known
  throw new LshError('bad_usage', `there is no encoder for a space "${name}"`, {
    hint: suggestName(name, TRAINED_SPACES),
  })
}

/** How a slice becomes the input of the space's encoder. */
export function spacePreprocessing({ planes, crop }: EncodedSpace, size?: number): Preprocessing {
  return preprocessingOf(planes, size === undefined ? { crop } : { crop, size })
}
