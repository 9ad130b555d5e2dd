import { sql } from 'kysely'
import { filledSpaces } from '../store/spaces/filled-spaces.js'
import type { Store } from '../store/connection/connect.js'
import type { EncoderFacts } from './evaluation.js'

/** Longest vectors of the spaces that are measured unasked: pixels as they are take many times as long. */
const LONGEST = 1024
/** What the talk shows first; others follow by name. */
const ORDER = ['ct_', 'dose_', 'joint_']

/** Spaces of slices of a data set that an evaluation measures unless told otherwise, in the order of a page. */
export async function spacesOf(
  store: Store,
  dataset: string,
  options: { longest?: number } = {},
): Promise<string[]> {
  const { longest = LONGEST } = options
  const spaces = await store.db
    .selectFrom('cbir.space')
    .select('name')
    .where('dims', '<=', Math.min(longest, 16_000))
    .orderBy('name')
    .execute()
  const filled = await filledSpaces(store, spaces, dataset, 'slice')
  const rank = (name: string) => {
    const place = ORDER.findIndex((start) => name.startsWith(start))
    // Shallow before deep: the talk's order, and not that of the alphabet.
    const depth = name.includes('shallow') ? 0 : name.includes('deep') ? 1 : 2
    return 3 * (place === -1 ? ORDER.length : place) + depth
  }
  return filled.sort((a, b) => rank(a) - rank(b))
}

/** Spaces that hold whole plans. */
export async function planSpacesOf(store: Store): Promise<string[]> {
  const rows = await store.db
    .selectFrom('cbir.space')
    .select('name')
    .where('pooling', 'is not', null)
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => name)
}

/** Encoders whose features a space holds. */
export async function encodersOf(store: Store, space: string): Promise<EncoderFacts[]> {
  return store.db
    .selectFrom('cbir.encoder')
    .select(['name', 'architecture', 'checksum'])
    .select(sql<number>`cardinality(trained_on)`.as('trained_on'))
    .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
    .orderBy('name')
    .execute()
}

/** Plans that slices are of. */
export async function plansOf(store: Store, items: readonly number[]): Promise<number[]> {
  const rows = await store.db
    .selectFrom('cbir.slice')
    .select('plan_id')
    .distinct()
    .where('item_id', 'in', [...items])
    .orderBy('plan_id')
    .execute()
  return rows.map(({ plan_id }) => plan_id)
}

/** Of some slices those that get the prescribed dose somewhere, as there is more to see; all where none does. */
export async function treatedSlices(store: Store, items: readonly number[]): Promise<number[]> {
  const rows = await store.db
    .selectFrom('cbir.slices')
    .select('item_id')
    .where('item_id', 'in', [...items])
    .where((eb) => eb('dose_max_gy', '>=', eb.ref('prescription_gy')))
    .orderBy('item_id')
    .execute()
  return rows.length > 0 ? rows.map(({ item_id }) => item_id) : [...items]
}
