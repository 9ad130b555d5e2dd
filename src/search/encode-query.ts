import { refuseArgument } from '../core/arguments.js'
import type { HuWindow } from '../ingest/volume/grey-window.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { hashQuery, type HashedVector } from './hash-query.js'
import { openSpace, type OpenSpace } from './open-space.js'
import { holdsPictures, holdsSlices } from './open-features.js'
import { readPictureQuery } from './picture-features.js'
import { pictureFeatures } from './picture-query.js'
import { assertImage, readQueryImage, type QueryImage } from './query-image.js'

/** A query by image. */
export type EncodedQuery = HashedVector & {
  /**
   * For a picture: the HU of black and white, and whether the caller gave them, the file states them, or they were
   * estimated.
   */
  readonly window: (HuWindow & { readonly from: 'given' | 'file' | 'estimated' }) | null
}

/**
 * Encodes an image in the same way as the items of a space, and hashes it. A search with the result takes one round
 * trip.
 *
 * ```ts
 * const space = await openSpace(db, 'ct_shallow')
 * const query = await encodeQuery(db, space, { png: await readFile('slice.png') })
 * const rows = await nearest(db, 'space.ct_shallow', { to: query }).selectAll().execute()
 * await space.close()
 * ```
 *
 * A picture shows only the HU within its window. Values outside it are taken from the stored slice that looks most
 * similar through the same window. An unknown window is estimated; `window` of the result tells which one was used.
 *
 * Spaces of images accept `{ image: await readFile('tile.jpeg') }`, spaces of neurons `{ swc: await readFile('cell.swc') }`.
 *
 * If `space` is a name, encoder and hash family are read from the database for this query only.
 *
 * @throws LshError `bad_input` for a file that cannot be read, or a slice without the images that the space encodes;
 *   `bad_usage` for an image of another kind than the space holds; `LSH01` for an unknown space; fails with SQLSTATE
 *   `LSH03` if the space has no index
 */
export async function encodeQuery<DB extends Database>(
  db: Queryable<DB>,
  space: string | OpenSpace,
  image: QueryImage,
): Promise<EncodedQuery> {
  const ours = ourTables(db)
  assertSpace(space)
  assertImage(image)
  if (typeof space !== 'string') return encoded(ours, space, image)
  const opened = await openSpace(ours, space)
  try {
    return await encoded(ours, opened, image)
  } finally {
    await opened.close()
  }
}

async function encoded(
  db: Queryable<Database>,
  space: OpenSpace,
  image: QueryImage,
): Promise<EncodedQuery> {
  const { holds } = space
  if (holds !== 'slice') {
    const vector = await space.pictureFeatures(await contentOf(space.name, holds, image))
    return Object.assign(hashQuery(space.index, vector), { window: null })
  }
  if ('image' in image || 'swc' in image) throw holdsSlices(space.name)
  const read = await readQueryImage(image)
  if (!('windows' in read))
    return Object.assign(hashQuery(space.index, await space.features(read)), { window: null })
  const { vector, window } = await pictureFeatures(db, space, read)
  return Object.assign(hashQuery(space.index, vector), { window: { ...window, from: read.from } })
}

/** The image or the neuron of a file; a PNG is an image too. */
async function contentOf(space: string, holds: 'image' | 'neuron', image: QueryImage) {
  const bytes =
    holds === 'neuron'
      ? 'swc' in image && image.swc
      : ('image' in image && image.image) || ('png' in image && image.png)
  if (!bytes) throw holdsPictures(space, holds)
  const name = ('name' in image && image.name) || `the ${holds}`
  return (await readPictureQuery(Buffer.from(bytes), name, holds)).content
}

function assertSpace(space: unknown): void {
  if (typeof space === 'string' && space !== '') return
  const { features, index } = (space ?? {}) as Partial<OpenSpace>
  if (typeof features === 'function' && typeof index === 'object') return
  refuseArgument('the space', space, 'a name or an open space', 'Name it: "ct_shallow".')
}
