import { sql } from 'kysely'
import { filledSpaces } from '../store/spaces/filled-spaces.js'
import type { Store } from '../store/connection/connect.js'
import type { EncoderFacts } from './evaluation.js'

/** Most dimensions of spaces that are measured by default; raw pixels take many times as long. */
const LONGEST = 1024
/** Prefixes of the spaces that come first; others follow by name. */
const ORDER = ['ct_', 'dose_', 'joint_']

/** Spaces of slices of a data set that an evaluation measures by default, in the order of a page. */
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
    // Shallow before deep, instead of the alphabetical order.
    const depth = name.includes('shallow') ? 0 : name.includes('deep') ? 1 : 2
    return 3 * (place === -1 ? ORDER.length : place) + depth
  }
  return filled.sort((a, b) => rank(a) - rank(b))
}

/** Spaces of whole plans. */
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

/** Plans of slices. */
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

/** The slices that get the prescribed dose somewhere, which make better pictures; all if none does. */
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
