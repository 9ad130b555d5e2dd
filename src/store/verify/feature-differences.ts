import { sql } from 'kysely'
import type { Pooling } from '../../core/pool-slices.js'
import { frameEach, needsOf } from '../../encode/frames/frame.js'
import { openAnyEncoder, type FrameEncoder } from '../../encode/onnx/open-any-encoder.js'
import { encodesPictures, type TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { bulkEncoder } from '../../hash/bulk-encode.js'
import type { Store } from '../connection/connect.js'
import type { SpacePart } from '../connection/database.js'
import { readAnyEncoder } from '../spaces/encoders.js'
import { readFamily } from '../codes/families.js'
import { joined } from '../encode/joined-features.js'
import { unpackChannels } from '../plans/images.js'
import type { Difference } from './plan-differences.js'
import { hasTarget, withStructures, type PreparedPlan } from '../plans/prepared-plan.js'
import { pooledAgain, storedPlanVector, vectorDifferences } from './vector-differences.js'
import { codeDifferences, type OpenIndex } from './code-differences.js'

/** Compares stored features and codes of plans with recomputed ones; holds the encoders of all spaces open. */
export interface FeatureCheck {
  /** Compares the features and codes of the stored plan `id` with those of `plan`, which was read again from files. */
  differences(id: number, plan: PreparedPlan): Promise<Difference[]>
  close(): Promise<void>
}

interface OpenSpace {
  readonly name: string
  /** Spaces whose features are joined; null if none are. */
  readonly parts: readonly SpacePart[] | null
  /** Null unless the space holds vectors of whole plans. */
  readonly pooling: Pooling | null
  /** Encoder of slices; null if the space has none. */
  readonly encoder: (FrameEncoder & Pick<TrainedEncoder, 'preprocessing' | 'dims'>) | null
  readonly indexes: readonly OpenIndex[]
}

/** Opens all spaces of a database, with their encoders and the families of their indexes. */
export async function openFeatureCheck(store: Store): Promise<FeatureCheck> {
  const rows = await store.db
    .selectFrom('cbir.space')
    .select(['name', 'parts', 'pooling'])
    .orderBy('created_at')
    .orderBy('name')
    .execute()
  const spaces: OpenSpace[] = []
  const close = async () => {
    for (const { encoder } of spaces) await encoder?.close()
  }
  try {
    for (const row of rows) spaces.push(await openSpace(store, row))
  } catch (error) {
    await close()
    throw error
  }
  return {
    differences: async (id, plan) => {
      const computed = new Map<string, readonly Float32Array[]>()
      const found: Difference[] = []
      for (const space of spaces) {
        const { name, pooling } = space
        if (pooling) {
          const vector = pooledAgain(pooling, plan, computed)
          found.push(...(await planVectorDifferences(store, space, id, vector)))
          continue
        }
        const vectors = await recomputed(space, plan, computed)
        if (vectors) computed.set(name, vectors)
        found.push(...(await spaceDifferences(store, space, id, plan, vectors)))
      }
      return found
    },
    close,
  }
}

async function openSpace(
  store: Store,
  { name, parts, pooling }: Pick<OpenSpace, 'name' | 'parts' | 'pooling'>,
): Promise<OpenSpace> {
  const stored = parts || pooling ? null : await readAnyEncoder(store, name)
  // Spaces of images and neurons hold no features of plans.
  const trained = stored && !encodesPictures(stored) ? (stored as TrainedEncoder) : null
  const rows = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select(['lsh.index.name', 'lsh.family.name as family'])
    .where('relation', '=', sql<string>`to_regclass(format('space.%I', ${name}::text))`)
    .where('state', '=', 'ready')
    .execute()
  const indexes = []
  for (const row of rows) {
    const family = await readFamily(store.db, row.family)
    indexes.push({ name: row.name, family, encode: bulkEncoder(family) })
  }
  // Opened last, because a later error would leave it open.
  const encoder = trained && {
    ...(await openAnyEncoder(trained)),
    preprocessing: trained.preprocessing,
    dims: trained.dims,
  }
  return { name, parts, pooling, encoder, indexes }
}

/** Recomputes the features of the slices of a plan; undefined if the space, or one that it joins, cannot encode it. */
async function recomputed(
  { parts, encoder }: OpenSpace,
  plan: PreparedPlan,
  computed: ReadonlyMap<string, readonly Float32Array[]>,
): Promise<readonly Float32Array[] | undefined> {
  if (encoder) {
    const needs = needsOf(encoder.preprocessing)
    if (needs.dose && plan.slices.some(({ image }) => image.dose === null)) return undefined
    if (needs.structures && !hasTarget(plan)) return undefined
    const slices = needs.structures ? withStructures(plan) : plan.slices.map(({ image }) => image)
    const all = await encoder.encode(frameEach(slices, unpackChannels, encoder.preprocessing))
    const { dims } = encoder
    return plan.slices.map((_, i) => all.subarray(i * dims, (i + 1) * dims))
  }
  const featuresOfParts = parts?.map(({ space }) => computed.get(space)) ?? []
  if (!parts || featuresOfParts.length === 0 || featuresOfParts.includes(undefined))
    return undefined
  return plan.slices.map((_, i) =>
    joined(
      parts,
      featuresOfParts.map((features) => features?.[i] as Float32Array),
    ),
  )
}

async function planVectorDifferences(
  store: Store,
  { name, indexes }: OpenSpace,
  id: number,
  computed: Float32Array | undefined,
): Promise<Difference[]> {
  const stored = await storedPlanVector(store, name, id)
  if (!stored) return []
  const { item_id, embedding } = stored
  const found = computed
    ? vectorDifferences(`vector in ${name}`, { computed, stored: embedding })
    : []
  for (const index of indexes)
    found.push(...(await codeDifferences(store, index, [{ item_id, place: '', embedding }])))
  return found
}

async function spaceDifferences(
  store: Store,
  { name, indexes }: OpenSpace,
  id: number,
  plan: PreparedPlan,
  vectors: readonly Float32Array[] | undefined,
): Promise<Difference[]> {
  const { rows } = await sql<{ item_id: number; index: number; embedding: Float32Array | null }>`
    select slice.item_id, slice.index, embedding
    from cbir.slice
      left join ${sql.id('space', name)} as feature on feature.item_id = slice.item_id
    where plan_id = ${id}
    order by slice.index`.execute(store.db)
  const part = `features in ${name}`
  const stored = rows.flatMap(({ embedding, ...row }) =>
    embedding ? [{ ...row, place: `, slice ${row.index}`, embedding }] : [],
  )
  // A space may lack a plan, but not some of its slices only.
  if (stored.length === 0) return []
  const found: Difference[] = []
  if (stored.length < rows.length)
    found.push({
      part,
      problem: `are missing for ${rows.length - stored.length} of ${rows.length} slices`,
    })
  for (const { index, place, embedding } of stored) {
    const vector = vectors?.[plan.slices.findIndex((slice) => slice.index === index)]
    if (!vector) continue
    found.push(...vectorDifferences(part + place, { computed: vector, stored: embedding }))
  }
  for (const index of indexes) found.push(...(await codeDifferences(store, index, stored)))
  return found
}
