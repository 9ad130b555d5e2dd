import { ownEntry } from '../../core/own-entry.js'
import { LshError } from '../../core/errors.js'
import { suggestName } from '../../core/nearest-name.js'
import { PICTURE_SPACES, pictureSpace } from './picture-spaces.js'
import { preprocessingOf, type PlaneName, type Preprocessing } from '../../encode/frames/frame.js'

/** The encoder that is trained for a space of slices. */
export interface EncodedSpace {
  readonly architecture: string
  readonly planes: readonly PlaneName[]
  readonly crop: Preprocessing['crop']
  /** Default number of passes over the training slices. */
  readonly epochs: number
  /** Whether structures align the slices of different patients. (Default: true, if all plans have structures) */
  readonly structures?: boolean
  /** Whether slices with a similar dose are to be similar though the encoder does not see the dose. (Default: false) */
  readonly learnsDose?: boolean
}

/** Spaces that `pg-lsh train` knows. */
export const ENCODED_SPACES: Readonly<Record<string, EncodedSpace>> = {
  ct_shallow: { architecture: 'shallow', planes: ['ct'], crop: 'body', epochs: 8 },
  dose_shallow: { architecture: 'shallow', planes: ['dose'], crop: 'body', epochs: 8 },
  ct_deep: { architecture: 'deep', planes: ['ct', 'soft'], crop: 'body', epochs: 24 },
  dose_deep: { architecture: 'deep', planes: ['dose'], crop: 'body', epochs: 24 },
  joint_deep: { architecture: 'deep', planes: ['ct', 'soft', 'dose'], crop: 'body', epochs: 24 },
  // As ct_deep, but trained only on the order of the slices within each plan.
  ct_order: {
    architecture: 'deep',
    planes: ['ct', 'soft'],
    crop: 'body',
    epochs: 24,
    structures: false,
  },
  // What a new patient has: learned to find slices that get a similar dose, without seeing any.
  ct_structures: {
    architecture: 'deep',
    planes: ['ct', 'soft', 'targets', 'levels', 'organs'],
    crop: 'body',
    epochs: 24,
    learnsDose: true,
  },
  // Trained only to reconstruct slices.
  ct_refined: { architecture: 'refined', planes: ['ct'], crop: 'body', epochs: 8 },
  dose_refined: { architecture: 'refined', planes: ['dose'], crop: 'body', epochs: 8 },
  // Baselines for the encoders.
  pixels: { architecture: 'pixels', planes: ['ct'], crop: 'raster', epochs: 1 },
  pca128: { architecture: 'pca128', planes: ['ct'], crop: 'raster', epochs: 1 },
  // The baselines with the crop of the encoders, which alone makes slices of different scanners more similar.
  pixels_body: { architecture: 'pixels', planes: ['ct'], crop: 'body', epochs: 1 },
  pca128_body: { architecture: 'pca128', planes: ['ct'], crop: 'body', epochs: 1 },
}

/** Spaces that join others, with their parts. */
export const JOINT_SPACES: Readonly<Record<string, readonly string[]>> = {
  joint_shallow: ['ct_shallow', 'dose_shallow'],
}

/** Names of the spaces that `pg-lsh train` accepts: of slices, and of images and neurons. */
export const TRAINED_SPACES: readonly string[] = [
  ...Object.keys(ENCODED_SPACES),
  ...Object.keys(PICTURE_SPACES),
]

/** Default number of passes over the training frames. */
export function epochsOf(name: string): number {
  return (pictureSpace(name) ?? encodedSpace(name)).epochs
}

/** @throws LshError `bad_usage` for an unknown space */
export function encodedSpace(name: string): EncodedSpace {
  const known = ownEntry(ENCODED_SPACES, name)
  if (known) return known
  throw new LshError(
    'bad_usage',
    `space "${name}" cannot be trained: pg-lsh has no encoder for it`,
    {
      hint: suggestName(name, TRAINED_SPACES),
    },
  )
}

/** How a slice becomes the input of the space's encoder. */
export function spacePreprocessing({ planes, crop }: EncodedSpace, size?: number): Preprocessing {
  return preprocessingOf(planes, size === undefined ? { crop } : { crop, size })
}
