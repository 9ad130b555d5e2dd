import type { Channel } from '../core/plan.js'
import { openEncoder } from '../encode/encoder.js'
import { assertDecodes } from '../encode/onnx/assert-decodes.js'
import {
  frame,
  frameEach,
  frameBox,
  isImagePlane,
  needsOf,
  type ImagePlane,
  type Preprocessing,
} from '../encode/frames/frame.js'
import { frameLength, frameShape } from '../encode/trained/frame-tensor.js'
import { uncrop } from '../encode/frames/uncrop.js'
import type { Store } from '../store/connection/connect.js'
import { readEncoder } from '../store/spaces/encoders.js'
import { sliceToEncode } from '../store/plans/slice-structures.js'
import { picturedSlices, type PicturedSlice } from '../store/plans/tiles.js'
import { bodyMask } from './body-mask.js'
import { imageErrors, type ImageErrors } from './image-quality.js'
import type { ImagePair } from './ssim.js'

/** A slice as an encoder sees it, and the output of its decoder. */
export interface Reconstruction {
  readonly slice: PicturedSlice
  readonly preprocessing: Preprocessing
  /** The images of a frame; maps of structures are not measured. */
  readonly planes: readonly ReconstructedPlane[]
}

/** One of the images of a frame. */
export interface ReconstructedPlane {
  readonly plane: ImagePlane
  /** `size * size` numbers, row by row, in the scale of the frame. */
  readonly input: Float32Array
  readonly output: Float32Array
  /** Errors over the whole slice, not only the part that the frame shows. */
  readonly errors: ImageErrors
}

/** Slices whose images are in memory at once. */
const BATCH = 64

/** Reconstructs slices by the encoder of a space, in batches. */
export async function* reconstructions(
  store: Store,
  encoder: string,
  items: readonly number[],
): AsyncGenerator<Reconstruction> {
  const trained = await readEncoder(store, encoder)
  assertDecodes(trained, encoder)
  const opened = await openEncoder(trained)
  const { preprocessing } = trained
  const length = frameLength(frameShape(preprocessing))
  try {
    for (let from = 0; from < items.length; from += BATCH) {
      const chosen = items.slice(from, from + BATCH)
      const known = await picturedSlices(store, chosen, needsOf(preprocessing))
      const slices = chosen.map((item) => known.get(item) as PicturedSlice)
      const frames = frameEach(slices, sliceToEncode, preprocessing)
      const outputs = opened.reconstruct(frames)
      for (const [i, slice] of slices.entries()) {
        const part = (all: Float32Array) => all.subarray(i * length, (i + 1) * length)
        const planes = planesOf(slice, preprocessing, part(frames), part(outputs))
        yield { slice, preprocessing, planes }
      }
    }
  } finally {
    opened.close()
  }
}

/** The plane that measures an image of a slice: the first plane of a channel has its widest window. */
export function measuredPlane(
  { planes }: Reconstruction,
  channel: Channel,
): ReconstructedPlane | undefined {
  return planes.find(({ plane }) => plane.channel === channel)
}

/** Splits a frame, in which the values of planes are adjacent, into planes. */
function planesOf(
  slice: PicturedSlice,
  preprocessing: Preprocessing,
  input: Float32Array,
  output: Float32Array,
): ReconstructedPlane[] {
  const { planes, size } = preprocessing
  const inside = bodyMask(slice.image, size)
  return planes.flatMap((plane, p) => {
    if (!isImagePlane(plane)) return []
    const of = (frame: Float32Array) => frame.filter((_, i) => i % planes.length === p)
    const own = of(output)
    const errors = imageErrors(wholeSlice(slice, preprocessing, plane, own), inside)
    return [{ plane, input: of(input), output: own, errors }]
  })
}

/**
 * The reconstruction as a whole slice of `size * size` pixels, with the frame at its place, and the slice itself:
 * encoders with different crops are compared on the same pixels.
 */
function wholeSlice(
  { image }: PicturedSlice,
  preprocessing: Preprocessing,
  plane: ImagePlane,
  output: Float32Array,
): ImagePair {
  const { size, crop } = preprocessing
  const { rows, columns } = image
  const box = frameBox(image, preprocessing)
  return {
    rows: size,
    columns: size,
    image: crop === 'raster' ? output : uncrop(output, { rows, columns, box, size }),
    reference: frame(image, { planes: [plane], size, crop: 'raster' }),
    // As in training: values above 1 are hot spots of the dose.
    range: 1,
  }
}
