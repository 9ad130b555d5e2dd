import { ownEntry } from '../../core/own-entry.js'
import {
  picturePreprocessing,
  type PicturePreprocessing,
  type PictureView,
} from '../../encode/frames/picture-frame.js'

/** The encoder that is trained for a space of images or neurons outside plans. */
export interface PictureSpace {
  readonly view: PictureView
  readonly architecture: string
  /** Default number of rows and columns of the frames. */
  readonly size: number
  /** Default number of passes over the training images. */
  readonly epochs: number
  /** Whether training uses the classes; otherwise only copies and versions of one image count as similar. */
  readonly labels: boolean
}

const described = { architecture: 'standard', size: 1, epochs: 1, labels: false } as const
const discriminant = { architecture: 'fisher', size: 1, epochs: 1, labels: true } as const
const plain = { architecture: 'pixels', epochs: 1, labels: false } as const
const learned = { architecture: 'deep', size: 48, epochs: 40, labels: true } as const

/** Spaces of images and neurons that `pg-lsh train` knows. */
export const PICTURE_SPACES: Readonly<Record<string, PictureSpace>> = {
  image_deep: { ...learned, view: 'colour' },
  image_views: { ...learned, view: 'colour', labels: false },
  // Linear, and trained in a minute.
  image_texture: { ...discriminant, view: 'texture' },
  texture_views: { ...discriminant, view: 'texture', labels: false },
  grey_texture: { ...discriminant, view: 'grey_texture' },
  grey_deep: { ...learned, view: 'grey', epochs: 20 },
  neuron_deep: { ...learned, view: 'sides' },
  neuron_morphometrics: { ...described, view: 'morphometrics' },
  neuron_persistence: { ...described, view: 'persistence' },
  neuron_spectrum: { ...described, view: 'spectrum' },
  // Baselines for the encoders.
  image_pixels: { ...plain, view: 'colour', size: 32 },
  image_histogram: { ...plain, view: 'histogram', size: 1 },
  grey_pixels: { ...plain, view: 'grey', size: 32 },
  neuron_pixels: { ...plain, view: 'sides', size: 32 },
}

/** Joint spaces of images or neurons, with the weights of their parts. */
export const JOINT_PICTURE_SPACES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  image_joint: { image_deep: 1, image_histogram: 1 },
  neuron_joint: { neuron_morphometrics: 1, neuron_persistence: 0.3, neuron_spectrum: 0.4 },
}

/** The encoder of a space of images or neurons; undefined for any other space. */
export function pictureSpace(name: string): PictureSpace | undefined {
  return ownEntry(PICTURE_SPACES, name)
}

/** How an image or a neuron becomes the input of the space's encoder. */
export function pictureSpacePreprocessing(
  space: PictureSpace,
  size?: number,
): PicturePreprocessing {
  return picturePreprocessing(space.view, size ?? space.size)
}
