import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import { channelsOf, type Preprocessing } from '../../encode/frames/frame.js'
import { kindOfView } from '../../encode/frames/picture-frame.js'
import type { AnyPreprocessing } from '../../encode/trained/trained-encoder.js'
import { median } from '../../hash/median.js'
import type { Store } from '../connection/connect.js'
import type { SpacePart } from '../connection/database.js'
import { vectorDistance } from '../../core/vector.js'
import { readSpace } from './read-space.js'

/** Number of rows of a part whose pairwise distances determine its scale. */
const SCALE_SAMPLE = 400

/** What an encoded space holds: slices, or images or neurons outside plans. */
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

/**
 * Whether only slices with a dose have features in a space, because one of its encoders, or of those of its parts,
 * encodes doses.
 */
export async function needsDose(store: Pick<Store, 'db'>, space: string): Promise<boolean> {
  const rows = await store.db
    .selectFrom('cbir.encoder')
    .select('preprocessing')
    .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
    .execute()
  return rows.some(({ preprocessing }) =>
    channelsOf(preprocessing as Preprocessing).includes('dose'),
  )
}

/**
 * Whether a space encodes only dose. All slices without dose have the same vector there, so they are not compared.
 */
export async function seesOnlyDose(store: Pick<Store, 'db'>, space: string): Promise<boolean> {
  const { rows } = await sql<{ only: boolean }>`
    select cbir._sees_only_dose(${space}) as only`.execute(store.db)
  return rows[0]?.only ?? false
}

/**
 * Creates a joint space of other, filled spaces: it concatenates their vectors, each divided by the median distance of
 * pairs in its space and multiplied by its weight. Does nothing if a space with the same name and parts exists.
 *
 * @throws LshError `LSH03` if a part holds fewer than two vectors, `bad_usage` if the space exists with other parts.
 */
export async function createJointSpace(
  store: Store,
  name: string,
  parts: readonly { space: string; weight: number }[],
): Promise<void> {
  const standing = await store.db
    .selectFrom('cbir.space')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (standing) {
    const same = (a: readonly { space: string; weight: number }[]) =>
      JSON.stringify(a.map(({ space, weight }) => [space, weight]))
    if (standing.parts && same(standing.parts) === same(parts)) return
    throw new LshError('bad_usage', `space "${name}" already exists and joins other spaces`, {
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

/** Median distance of pairs of a seeded sample of a space. */
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
