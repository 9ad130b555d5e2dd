import { openPictureEncoder } from '../encode/onnx/open-picture-encoder.js'
import { LshError } from '../core/errors.js'
import { openBudget } from '../core/budget.js'
import type { Morphology, Raster } from '../core/picture.js'
import { frameContent } from '../encode/frames/picture-frame.js'
import { encodesPictures } from '../encode/trained/trained-encoder.js'
import { imageFormat } from '../ingest/pictures/image-format.js'
import { readNeuron } from '../ingest/pictures/picture-source.js'
import { readImage } from '../ingest/pictures/read-image.js'
import type { Store } from '../store/connection/connect.js'
import { readAnyEncoder } from '../store/spaces/encoders.js'
import { joined } from '../store/encode/joined-features.js'
import { readSpace } from '../store/spaces/read-space.js'

/** Most bytes of an image in memory. */
const BUDGET = 512 << 20

/** An image or a neuron in SWC to search with, and a preview of it. */
export interface PictureQuery {
  readonly content: Raster | Morphology
  /** PNG. */
  readonly preview: Uint8Array
}

/**
 * Reads a file to search with: an image by its first bytes, anything else as SWC.
 *
 * @param name name of the file for error messages @throws LshError `bad_input` for a file that is neither, or that is
 *   damaged
 */
export async function readPictureQuery(bytes: Buffer, name: string): Promise<PictureQuery> {
  try {
    if (imageFormat(bytes) !== null) return await readImage(bytes, openBudget(BUDGET))
    return readNeuron(bytes)
  } catch (error) {
    if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
    throw new LshError('bad_input', `${name}: ${error.message}`, {
      hint: `${error.hint} A query is a PNG, JPEG, TIFF or WebP, or a neuron in SWC.`,
      cause: error,
    })
  }
}

/**
 * Encodes an image or a neuron in the same way as the stored items of a space.
 *
 * @throws LshError `LSH01` for an unknown space, `bad_input` for an image if the space holds neurons, and vice versa
 */
export async function pictureFeaturesIn(
  store: Pick<Store, 'db'>,
  space: string,
  content: Raster | Morphology,
): Promise<Float32Array> {
  const { parts } = await readSpace(store, space)
  if (parts) {
    const vectors: Float32Array[] = []
    for (const part of parts) vectors.push(await pictureFeaturesIn(store, part.space, content))
    return joined(parts, vectors)
  }
  const trained = await readAnyEncoder(store, space)
  if (!encodesPictures(trained))
    throw new LshError('bad_usage', `space "${space}" holds slices of plans`, {
      hint: 'Search with an image of CT, or in a space of images or neurons.',
    })
  const frame = frameContent(content, trained.preprocessing)
  const encoder = await openPictureEncoder(trained)
  try {
    return await encoder.encode(frame)
  } finally {
    await encoder.close()
  }
}
