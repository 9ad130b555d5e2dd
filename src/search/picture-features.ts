import { LshError } from '../core/errors.js'
import { openBudget } from '../core/budget.js'
import type { Morphology, Raster } from '../core/picture.js'
import { imageFormat } from '../ingest/pictures/image-format.js'
import { readNeuron } from '../ingest/pictures/picture-source.js'
import { readImage } from '../ingest/pictures/read-image.js'

/** Most bytes of an image in memory. */
const BUDGET = 512 << 20

/** An image or a neuron in SWC to search with, and a preview of it. */
export interface PictureQuery {
  readonly content: Raster | Morphology
  /** PNG. */
  readonly preview: Uint8Array
}

/**
 * Reads a file to search with.
 *
 * @param name name of the file for error messages
 * @param kind the kind that the file must be (default: an image by its first bytes, anything else a neuron)
 * @throws LshError `bad_input` for a file that is neither, or that is damaged
 */
export async function readPictureQuery(
  bytes: Buffer,
  name: string,
  kind: 'image' | 'neuron' = imageFormat(bytes) === null ? 'neuron' : 'image',
): Promise<PictureQuery> {
  try {
    if (kind === 'image') return await readImage(bytes, openBudget(BUDGET))
    return readNeuron(bytes)
  } catch (error) {
    if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
    throw new LshError('bad_input', `${name}: ${error.message}`, {
      hint: `${error.hint} A query is a PNG, JPEG, TIFF or WebP, or a neuron in SWC.`,
      cause: error,
    })
  }
}
