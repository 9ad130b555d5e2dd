import { LshError } from '../../core/errors.js'
import { isRaster, type Morphology, type Raster } from '../../core/picture.js'
import { projectNeuron } from '../../ingest/pictures/neuron-projection.js'
import { colourHistogram, HISTOGRAM_NAMES } from './colour-histogram.js'
import { MORPHOMETRIC_NAMES, morphometrics } from './morphometrics.js'
import { PERSISTENCE_NAMES, persistence } from './persistence.js'
import { linesOf, resampler } from './resample.js'
import { SPECTRUM_NAMES, spectrum } from './spectrum.js'
import { GREY_TEXTURE_NAMES, greyTexture, texture, TEXTURE_NAMES } from './texture.js'

/** View of an image or a neuron that an encoder sees. */
export type PictureView =
  | 'grey'
  | 'colour'
  | 'histogram'
  | 'texture'
  | 'grey_texture'
  | 'sides'
  | 'morphometrics'
  | 'persistence'
  | 'spectrum'

/**
 * How an image or a neuron becomes the input of an encoder: a square picture, or numbers that describe it, stored as a
 * picture of one pixel. It is stored with the encoder, so that any client repeats it exactly.
 */
export interface PicturePreprocessing {
  readonly picture: PictureView
  /** Rows and columns. */
  readonly size: number
  /** Names of the values of a pixel. */
  readonly planes: readonly string[]
}

interface View {
  readonly kind: 'image' | 'neuron'
  readonly planes: readonly string[]
  /** Computes the numbers of a description, in the order of the planes. (Default: the view is a picture) */
  readonly describe?: (content: never) => Float32Array
}

const VIEWS: Readonly<Record<PictureView, View>> = {
  grey: { kind: 'image', planes: ['grey'] },
  colour: { kind: 'image', planes: ['red', 'green', 'blue'] },
  histogram: { kind: 'image', planes: HISTOGRAM_NAMES, describe: colourHistogram },
  texture: { kind: 'image', planes: TEXTURE_NAMES, describe: texture },
  grey_texture: { kind: 'image', planes: GREY_TEXTURE_NAMES, describe: greyTexture },
  sides: { kind: 'neuron', planes: ['front', 'top', 'side'] },
  morphometrics: { kind: 'neuron', planes: MORPHOMETRIC_NAMES, describe: morphometrics },
  persistence: { kind: 'neuron', planes: PERSISTENCE_NAMES, describe: persistence },
  spectrum: { kind: 'neuron', planes: SPECTRUM_NAMES, describe: spectrum },
}

/**
 * The preprocessing of a view.
 *
 * @param size rows and columns of a picture
 */
export function picturePreprocessing(picture: PictureView, size = 64): PicturePreprocessing {
  const { planes, describe } = VIEWS[picture]
  return { picture, size: describe ? 1 : size, planes }
}

/** The kind of items that a view applies to. */
export function kindOfView({ picture }: PicturePreprocessing): 'image' | 'neuron' {
  return VIEWS[picture].kind
}

/**
 * The input of an encoder for an image or a neuron: `size * size` pixels, whose planes are adjacent; pictures have
 * values from 0 to 1. An image that is not square is squeezed.
 *
 * @throws LshError `bad_input` for an image if the view is of neurons, or the other way round
 */
export function frameContent(
  content: Raster | Morphology,
  preprocessing: PicturePreprocessing,
): Float32Array {
  const { picture, size } = preprocessing
  const view = VIEWS[picture]
  const kind = isRaster(content) ? 'image' : 'neuron'
  if (kind !== view.kind)
    throw new LshError(
      'bad_input',
      `the query is an ${kind}, the space holds ${view.kind}s`.replace('an n', 'a n'),
      {
        hint: `Search with ${view.kind === 'image' ? 'an image' : 'a neuron in SWC'}, or in another space.`,
      },
    )
  if (view.describe) return view.describe(content as never)
  return isRaster(content) ? frameRaster(content, preprocessing) : frameSides(content, size)
}

/** Averages over equal areas. Grey is the luma of BT.601; the three colours of a grey image are equal. */
function frameRaster(raster: Raster, { size, planes }: PicturePreprocessing): Float32Array {
  const { rows, columns } = raster
  const box = { top: 0, left: 0, height: rows, width: columns }
  const resample = resampler({ rows, columns, box, size })
  const out = new Float32Array(size * size * planes.length)
  planes.forEach((name, p) => {
    const pixels = resample(linesOf(channelOf(raster, name), columns))
    for (let i = 0; i < pixels.length; i++) out[i * planes.length + p] = pixels[i]! / 255
  })
  return out
}

/** One channel of a raster by its name. */
export function channelOf({ channels, pixels }: Raster, name: string): Float32Array | Uint8Array {
  if (channels === 1) return pixels
  const out = new Float32Array(pixels.length / 3)
  if (name === 'grey')
    for (let i = 0; i < out.length; i++)
      out[i] = 0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!
  else {
    const channel = ['red', 'green', 'blue'].indexOf(name)
    for (let i = 0; i < out.length; i++) out[i] = pixels[3 * i + channel]!
  }
  return out
}

/** Square roots of the lengths, because a dense tree would otherwise outweigh all others. */
function frameSides(morphology: Morphology, size: number): Float32Array {
  const drawn = projectNeuron(morphology, size)
  const out = new Float32Array(drawn.length)
  for (let side = 0; side < 3; side++)
    for (let i = 0; i < size * size; i++)
      out[3 * i + side] = Math.sqrt(drawn[side * size * size + i]!)
  return out
}
