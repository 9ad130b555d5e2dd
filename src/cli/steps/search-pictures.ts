import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fromFileError } from '../../core/file-errors.js'
import { imageFormat } from '../../ingest/pictures/image-format.js'
import { encodeQuery } from '../../search/encode-query.js'
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

/** Searches with a stored image or neuron, or with a file. */
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
  const name = basename(file)
  const image = imageFormat(bytes) === null ? { swc: bytes, name } : { image: bytes, name }
  const { vector } = await encodeQuery(store.db, space, image)
  return similarPictures(store, space, { vector }, how)
}
