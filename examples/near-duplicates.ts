// Finds slices of different patients that are nearly the same: a plan that was loaded twice under two
// pseudonyms, a phantom among patients.
//
// npx tsx examples/near-duplicates.ts --threshold 0.3
// npx tsx examples/near-duplicates.ts --threshold 0.3 --ndjson > pairs.ndjson
import { parseArgs } from 'node:util'
import type { Kysely } from 'kysely'
import { nearestEach, openDatabase, type Database, type Features } from 'pg-lsh'

export interface Spaces {
  'space.ct_shallow': Features
}

export interface NearDuplicatesOptions {
  /** Distance below which two slices are nearly the same. */
  threshold: number
  /** Neighbours looked at of each slice. (Default: 10) */
  k?: number
  /** Slices asked about in one round trip. (Default: 100) */
  batch?: number
  /** Told after each batch how many slices are done. (Default: nobody is told) */
  onProgress?: (done: number) => void
}

export interface Pair {
  item: number
  patient: string
  other: number
  other_patient: string
  distance: number
}

/** Pairs of slices of different patients nearer than a threshold, each once, as they are found. */
export async function* nearDuplicates(
  db: Kysely<Database & Spaces>,
  options: NearDuplicatesOptions,
): AsyncGenerator<Pair> {
  const { threshold, k = 10, batch = 100, onProgress } = options
  if (!(threshold >= 0)) throw new RangeError(`a threshold is a distance, not ${threshold}`)
  const seen = new Set<string>()
  let done = 0
  for await (const slices of batches(db, batch)) {
    // Slices of the query's own patient are left out by default.
    const found = await nearestEach(db, 'space.ct_shallow', {
      to: { items: slices.map(({ item_id }) => item_id) },
      k,
    })
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
      .where('near.distance', '<', threshold)
      .select([
        'near.query',
        'near.item_id as other',
        'slice.patient as other_patient',
        'near.distance',
      ])
      .execute()
    for (const { query, ...near } of found) {
      const { item_id: item, patient } = slices[query]!
      const pair = [item, near.other].sort((a, b) => a - b).join()
      if (!seen.has(pair)) yield { item, patient, ...near }
      seen.add(pair)
    }
    onProgress?.((done += slices.length))
  }
}

/** All slices of the space in the order of their ids; no cursor stays open between two batches. */
async function* batches(db: Kysely<Database & Spaces>, size: number) {
  for (let last = 0; ;) {
    const slices = await db
      .selectFrom('space.ct_shallow as features')
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'features.item_id')
      .select(['slice.item_id', 'slice.patient'])
      .where('features.item_id', '>', last)
      .orderBy('features.item_id')
      .limit(size)
      .execute()
    if (slices.length === 0) return
    yield slices
    last = slices.at(-1)!.item_id
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { threshold: { type: 'string', default: '0.3' }, ndjson: { type: 'boolean' } },
  })
  const place = process.env.DATABASE_URL ?? '.demo/synthetic'
  const db = await openDatabase<Spaces>(place.includes('://') ? { url: place } : { dataDir: place })
  const options = {
    threshold: Number(values.threshold),
    onProgress: (done: number) => console.error(`${done} slices`),
  }
  const pairs: Pair[] = []
  for await (const pair of nearDuplicates(db, options)) {
    if (values.ndjson) console.log(JSON.stringify(pair))
    else pairs.push(pair)
  }
  if (!values.ndjson) console.table(pairs)
  await db.destroy()
}
