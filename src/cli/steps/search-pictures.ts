import { readFile } from 'node:fs/promises'
import { fromFileError } from '../../core/file-errors.js'
import { pictureFeaturesIn, readPictureQuery } from '../../search/picture-features.js'
import { similarPictures, type SimilarPicture } from '../../search/similar-pictures.js'
import type { Store } from '../../store/connection/connect.js'

export interface SearchPicturesOptions {
  space: string
  item?: number
  file?: string
  neighbours: number
  samePatient?: boolean
  candidates?: number
  probes?: number
}

/** Searches with a stored image or neuron, or with a file of one. */
export async function searchPictures(
  store: Store,
  options: SearchPicturesOptions,
): Promise<SimilarPicture[]> {
  const { space, item, file = '', neighbours: k, samePatient = false, candidates, probes } = options
  const how = {
    k,
    otherSources: !samePatient,
    ...(candidates === undefined ? {} : { candidates }),
    ...(probes === undefined ? {} : { probes }),
  }
  if (item !== undefined) return similarPictures(store, space, { item }, how)
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fromFileError(error)
  })
  const { content } = await readPictureQuery(bytes, file)
  const vector = await pictureFeaturesIn(store, space, content)
  return similarPictures(store, space, { vector }, how)
}
