import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import { needsOf, type Preprocessing, type SliceNeeds } from '../../encode/frames/frame.js'
import { kindOfView } from '../../encode/frames/picture-frame.js'
import type { AnyPreprocessing } from '../../encode/trained/trained-encoder.js'
import { median } from '../../hash/median.js'
import type { Store } from '../connection/connect.js'
import type { SpacePart } from '../connection/database.js'
import { vectorDistance } from '../../core/vector.js'
import { readSpace } from './read-space.js'

/** Number of sampled vectors of a part whose pairwise distances determine its scale. */
const SCALE_SAMPLE = 400

/** Kind of the items of a space: slices, or images or neurons outside plans. */
export async function kindOfSpace(
  store: Pick<Store, 'db'>,
  space: string,
): Promise<'slice' | 'image' | 'neuron'> {
  const rows = await store.db
    .selectFrom('cbir.encoder')
    .select('preprocessing')
    .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
    .limit(1)
    .execute()
  const preprocessing = rows[0]?.preprocessing as AnyPreprocessing | undefined
  return preprocessing && 'picture' in preprocessing ? kindOfView(preprocessing) : 'slice'
}

/** What a slice must have for features in a space: what its encoder needs, or the encoders of its parts. */
export async function needsOfSpace(store: Pick<Store, 'db'>, space: string): Promise<SliceNeeds> {
  const rows = await store.db
    .selectFrom('cbir.encoder')
    .select('preprocessing')
    .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
    .execute()
  const needs = rows.map(({ preprocessing }) => needsOf(preprocessing as Preprocessing))
  return {
    dose: needs.some(({ dose }) => dose),
    structures: needs.some(({ structures }) => structures),
  }
}

/**
 * Whether a space encodes nothing but dose. All slices without dose have the same vector in it, so searches of plans do
 * not compare them.
 */
export async function seesOnlyDose(store: Pick<Store, 'db'>, space: string): Promise<boolean> {
  const { rows } = await sql<{ only: boolean }>`
    select cbir._sees_only_dose(${space}) as only`.execute(store.db)
  return rows[0]?.only ?? false
}

/**
 * Creates a joint space of other spaces, which must be filled. Its vectors are those of the parts, concatenated, each
 * divided by the median distance of pairs in the part and multiplied by the weight of the part. Does nothing if a space
 * with the same name and parts exists.
 *
 * @throws LshError `LSH01` for an unknown part, `LSH03` if a part has too few different vectors, `bad_usage` if the
 *   space exists with other parts.
 */
export async function createJointSpace(
  store: Store,
  name: string,
  parts: readonly { space: string; weight: number }[],
): Promise<void> {
  const existing = await store.db
    .selectFrom('cbir.space')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (existing) {
    const same = (a: readonly { space: string; weight: number }[]) =>
      JSON.stringify(a.map(({ space, weight }) => [space, weight]))
    if (existing.parts && same(existing.parts) === same(parts)) return
    throw new LshError('bad_usage', `space "${name}" already exists, but not with these parts`, {
      hint: `Drop it first: pg-lsh sql "select cbir.drop_space('${name}')".`,
    })
  }
  let dims = 0
  for (const { space } of parts) dims += (await readSpace(store, space)).dims
  const scaled: SpacePart[] = []
  for (const { space, weight } of parts)
    scaled.push({ space, weight, scale: await medianDistance(store, space) })
  await sql`select cbir.create_space(${name}, ${dims}::int, parts => ${JSON.stringify(scaled)}::jsonb)`.execute(
    store.db,
  )
}

/** Median distance of the pairs of a seeded sample of a space. */
async function medianDistance(store: Store, space: string): Promise<number> {
  const { rows: keys } = await sql<{ item_id: number }>`
    select item_id from ${sql.id('space', space)} order by item_id`.execute(store.db)
  const chosen = Array.from(
    permutation(keys.length, random(1)).subarray(0, SCALE_SAMPLE),
    (i) => (keys[i] as { item_id: number }).item_id,
  )
  const { rows } = await sql<{ embedding: Float32Array }>`
    select embedding from ${sql.id('space', space)}
    where item_id = any(${chosen}::int[])
    order by item_id`.execute(store.db)
  const distances: number[] = []
  for (const [i, a] of rows.entries()) {
    for (const b of rows.slice(i + 1)) distances.push(vectorDistance(a.embedding, b.embedding))
  }
  const scale = distances.length > 0 ? median(Float64Array.from(distances)) : 0
  if (scale > 0) return scale
  throw new LshError('LSH03', `space "${space}" has too few different vectors to be joined`, {
    hint: `Fill it first: "pg-lsh encode --space ${space}".`,
  })
}
