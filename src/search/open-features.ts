import { LshError } from '../core/errors.js'
import type { Morphology, Raster } from '../core/picture.js'
import { frame, type SliceWithAny } from '../encode/frames/frame.js'
import { frameContent, kindOfView } from '../encode/frames/picture-frame.js'
import { openAnyEncoder } from '../encode/onnx/open-any-encoder.js'
import {
  encodesPictures,
  type AnyPreprocessing,
  type TrainedEncoder,
} from '../encode/trained/trained-encoder.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { joined } from '../store/encode/joined-features.js'
import { readAnyEncoder } from '../store/spaces/encoders.js'
import { readSpace } from '../store/spaces/read-space.js'

/** What computes the features of a space, until it is closed. */
export interface OpenFeatures {
  /** What the items of the space are. */
  readonly holds: 'slice' | 'image' | 'neuron'
  /**
   * The features of a slice, as those of the stored items were made.
   *
   * @throws LshError `bad_usage` in a space of images or neurons
   */
  features(slice: SliceWithAny): Promise<Float32Array>
  /**
   * The same of an image or a neuron.
   *
   * @throws LshError `bad_usage` in a space of slices, `bad_input` for an image where neurons are, or the other way round
   */
  pictureFeatures(content: Raster | Morphology): Promise<Float32Array>
  /** Releases the memory of the numerical back end. */
  close(): void | Promise<void>
}

/**
 * Opens the encoders of a space.
 *
 * @throws LshError `LSH01` for an unknown space, `bad_usage` for one of whole plans
 */
export async function openFeatures(db: Queryable<Database>, name: string): Promise<OpenFeatures> {
  const { parts, pooling } = await readSpace({ db }, name)
  if (pooling) {
    throw new LshError(
      'bad_usage',
      `space "${name}" holds whole plans, so a single slice cannot be a query`,
      {
        hint: `Ask for plans like a stored one: "select * from cbir.similar_plans(1, '${name}')".`,
      },
    )
  }
  if (!parts) return openEncoded(await readAnyEncoder({ db }, name), name)
  const opened: OpenFeatures[] = []
  const close = async () => {
    for (const part of opened) await part.close()
  }
  try {
    for (const { space } of parts) opened.push(await openFeatures(db, space))
  } catch (error) {
    await close()
    throw error
  }
  const each = async (encode: (part: OpenFeatures) => Promise<Float32Array>) => {
    const vectors: Float32Array[] = []
    for (const part of opened) vectors.push(await encode(part))
    return joined(parts, vectors)
  }
  return {
    holds: opened[0]?.holds ?? 'slice',
    features: (slice) => each((part) => part.features(slice)),
    pictureFeatures: (content) => each((part) => part.pictureFeatures(content)),
    close,
  }
}

async function openEncoded(
  trained: TrainedEncoder<AnyPreprocessing>,
  name: string,
): Promise<OpenFeatures> {
  const encoder = await openAnyEncoder(trained)
  const close = () => encoder.close()
  if (encodesPictures(trained)) {
    const { preprocessing } = trained
    return {
      holds: kindOfView(preprocessing),
      features: () => Promise.reject(holdsPictures(name, kindOfView(preprocessing))),
      pictureFeatures: async (content) => encoder.encode(frameContent(content, preprocessing)),
      close,
    }
  }
  const { preprocessing } = trained as TrainedEncoder
  return {
    holds: 'slice',
    features: async (slice) => encoder.encode(frame(slice, preprocessing)),
    pictureFeatures: () => Promise.reject(holdsSlices(name)),
    close,
  }
}

export function holdsSlices(space: string): LshError {
  return new LshError('bad_usage', `space "${space}" holds slices of plans`, {
    hint: 'Search with { png } or { dicom } of an axial CT image, or in a space of images or neurons.',
  })
}

export function holdsPictures(space: string, kind: 'image' | 'neuron'): LshError {
  return new LshError('bad_usage', `space "${space}" holds ${kind}s, not slices of plans`, {
    hint:
      kind === 'image'
        ? 'Search with { image: bytes } of a PNG, JPEG, TIFF or WebP.'
        : 'Search with { swc: bytes } of a neuron.',
  })
}
