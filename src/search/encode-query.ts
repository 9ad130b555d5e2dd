import { sql, type Kysely } from 'kysely'
import type { Database } from '../store/database.js'
import { hashQuery, type HashedVector } from './hash-query.js'
import { openSpace, type OpenSpace } from './open-space.js'
import { readQueryImage, type QueryImage } from './query-image.js'

/**
 * Encodes an image as the items of a space were, and hashes it: then one round trip answers a query by image.
 *
 * ```ts
 * const query = await encodeQuery(db, 'ct_shallow', { png: await readFile('slice.png') })
 * const rows = await nearest(db, 'space.ct_shallow', { to: query }).selectAll().execute()
 * ```
 *
 * A space that is named is opened at the first query and kept as long as the database; one round trip of each further
 * query asks whether it still is what it was. A space of `openSpace` is used as it was opened.
 *
 * @throws LshError `bad_input` for a file that cannot be read, or a slice without what the space is of; `LSH01` for an
 *   unknown space; fails with SQLSTATE `LSH03` where the space has no index
 */
export async function encodeQuery<DB extends Database>(
  db: Kysely<DB>,
  space: string | OpenSpace,
  image: QueryImage,
): Promise<HashedVector> {
  const opened =
    typeof space === 'string' ? await keptSpace(db as unknown as Kysely<Database>, space) : space
  return hashQuery(opened.index, opened.features(await readQueryImage(image)))
}

const kept = new WeakMap<Kysely<Database>, Map<string, Promise<OpenSpace>>>()

async function keptSpace(db: Kysely<Database>, name: string): Promise<OpenSpace> {
  const spaces = kept.get(db) ?? new Map<string, Promise<OpenSpace>>()
  kept.set(db, spaces)
  const known = spaces.get(name)
  if (known) {
    const { version } = await known
    const { rows } = await sql<{
      version: string
    }>`select cbir.space_version(${name}) as version`.execute(db)
    // An old one is not closed: what it has hashed may not be searched yet.
    if (rows[0]?.version === version) return known
  }
  const opening = openSpace(db, name)
  spaces.set(name, opening)
  opening.catch(() => spaces.delete(name))
  return opening
}
