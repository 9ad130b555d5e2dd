import { refuseArgument } from '../core/arguments.js'
import type { Database, Queryable } from '../store/database.js'
import { assertDatabase } from '../store/handles.js'
import { hashQuery, type HashedVector } from './hash-query.js'
import { openSpace, type OpenSpace } from './open-space.js'
import { readQueryImage, type QueryImage } from './query-image.js'

/**
 * Encodes an image as the items of a space were, and hashes it: then one round trip answers a query by image.
 *
 * ```ts
 * const space = await openSpace(db, 'ct_shallow')
 * const query = await encodeQuery(db, space, { png: await readFile('slice.png') })
 * const rows = await nearest(db, 'space.ct_shallow', { to: query }).selectAll().execute()
 * space.close()
 * ```
 *
 * A space may also be named: then encoder and hash family are read from the database for this one query.
 *
 * @throws LshError `bad_input` for a file that cannot be read, or a slice without what the space is of; `LSH01` for an
 *   unknown space; fails with SQLSTATE `LSH03` where the space has no index
 */
export async function encodeQuery<DB extends Database>(
  db: Queryable<DB>,
  space: string | OpenSpace,
  image: QueryImage,
): Promise<HashedVector> {
  assertDatabase(db)
  assertSpace(space)
  const slice = await readQueryImage(image)
  if (typeof space !== 'string') return hashQuery(space.index, space.features(slice))
  const opened = await openSpace(db as unknown as Queryable<Database>, space)
  try {
    return hashQuery(opened.index, opened.features(slice))
  } finally {
    opened.close()
  }
}

function assertSpace(space: unknown): void {
  if (typeof space === 'string' && space !== '') return
  const { features, index } = (space ?? {}) as Partial<OpenSpace>
  if (typeof features === 'function' && typeof index === 'object') return
  refuseArgument('the space', space, 'a name or an open space', 'Name it: "ct_shallow".')
}
