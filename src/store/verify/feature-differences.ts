import { sql } from 'kysely'
import { endToEnd } from '../../core/vector.js'
import type { Pooling } from '../../core/pool-slices.js'
import { channelsOf, frameEach } from '../../encode/frames/frame.js'
import { openAnyEncoder, type FrameEncoder } from '../../encode/onnx/open-any-encoder.js'
import { encodesPictures, type TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { bulkEncoder, type BulkEncoder } from '../../hash/bulk-encode.js'
import type { HashFamily } from '../../hash/family.js'
import type { Store } from '../connection/connect.js'
import type { SpacePart } from '../connection/database.js'
import { readAnyEncoder } from '../spaces/encoders.js'
import { readFamily } from '../codes/families.js'
import { joined } from '../encode/joined-features.js'
import { unpackChannels } from '../plans/images.js'
import type { Difference } from './plan-differences.js'
import type { PreparedPlan, PreparedSlice } from '../plans/prepared-plan.js'
import { pooledAgain, storedPlanVector, vectorDifferences } from './vector-differences.js'
import { codeTable } from '../codes/write-codes.js'

/** Bits of a code that may lie so near their thresholds that they differ, and rows of a plan that may change their bucket. */
const BITS = 2
const MOVED = 1

/** Compares what was computed of plans with what is computed of them again, its encoders and families at hand. */
export interface FeatureCheck {
  differences(id: number, plan: PreparedPlan): Promise<Difference[]>
  close(): Promise<void>
}

interface OpenSpace {
  readonly name: string
  readonly parts: readonly SpacePart[] | null
  readonly pooling: Pooling | null
  readonly encoder: (FrameEncoder & Pick<TrainedEncoder, 'preprocessing' | 'dims'>) | null
  readonly indexes: readonly { name: string; family: HashFamily; encode: BulkEncoder }[]
}

/** Opens all spaces of a database. */
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
        const vectors = await vectorsOf(space, plan, computed)
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
  const any = parts || pooling ? null : await readAnyEncoder(store, name)
  // Spaces of images and neurons hold nothing of plans.
  const trained = any && !encodesPictures(any) ? (any as TrainedEncoder) : null
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
  // Last, when nothing that may fail comes after it: what it holds has to be given back.
  const encoder = trained && {
    ...(await openAnyEncoder(trained)),
    preprocessing: trained.preprocessing,
    dims: trained.dims,
  }
  return { name, parts, pooling, encoder, indexes }
}

/** The features of the slices of a plan, computed again; undefined where a part cannot be. */
async function vectorsOf(
  { parts, encoder }: OpenSpace,
  plan: PreparedPlan,
  computed: ReadonlyMap<string, readonly Float32Array[]>,
): Promise<readonly Float32Array[] | undefined> {
  if (encoder) {
    // A plan without dose has no features of it.
    const isDosed = plan.slices.every(({ image }) => image.dose !== null)
    if (!isDosed && channelsOf(encoder.preprocessing).includes('dose')) return undefined
    const unpacked = ({ image }: PreparedSlice) => unpackChannels(image)
    const all = await encoder.encode(frameEach(plan.slices, unpacked, encoder.preprocessing))
    const { dims } = encoder
    return plan.slices.map((_, i) => all.subarray(i * dims, (i + 1) * dims))
  }
  const columns = parts?.map(({ space }) => computed.get(space)) ?? []
  if (!parts || columns.length === 0 || columns.includes(undefined)) return undefined
  return plan.slices.map((_, i) =>
    joined(
      parts,
      columns.map((column) => column?.[i] as Float32Array),
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
  // A space need not hold a plan, but then none of it.
  if (stored.length === 0) return []
  const found: Difference[] = []
  if (stored.length < rows.length)
    found.push({
      part,
      problem: `${rows.length - stored.length} of ${rows.length} slices have none`,
    })
  for (const { index, place, embedding } of stored) {
    const vector = vectors?.[plan.slices.findIndex((slice) => slice.index === index)]
    if (!vector) continue
    found.push(...vectorDifferences(part + place, { computed: vector, stored: embedding }))
  }
  for (const index of indexes) found.push(...(await codeDifferences(store, index, stored)))
  return found
}

/** Codes against those of the stored features: features that differ have been named already. */
async function codeDifferences(
  store: Store,
  { name, family, encode }: OpenSpace['indexes'][number],
  features: readonly { item_id: number; place: string; embedding: Float32Array }[],
): Promise<Difference[]> {
  const { rows } = await sql<{ key: number; bucket: number; code: string }>`
    select key, bucket, code::text as code from ${sql.raw(codeTable(name))}
    where key = any(${features.map(({ item_id }) => item_id)}::int[])`.execute(store.db)
  const stored = new Map(rows.map((row) => [row.key, row]))
  const hashed = encode(endToEnd(features.map(({ embedding }) => embedding)))
  const width = Math.ceil(family.bits / 8)
  const found: Difference[] = []
  let moved = 0
  features.forEach(({ item_id, place }, i) => {
    const row = stored.get(item_id)
    const part = `code in ${name}${place}`
    if (!row) {
      found.push({ part, problem: 'is missing' })
      return
    }
    if (row.bucket !== hashed.buckets[i]) moved++
    let bits = 0
    for (let bit = 0; bit < family.bits; bit++) {
      const set = (hashed.codes[i * width + (bit >> 3)]! >> (7 - (bit & 7))) & 1
      if (set !== Number(row.code[bit])) bits++
    }
    if (bits > BITS) found.push({ part, problem: `${bits} of ${family.bits} bits differ` })
  })
  if (moved > MOVED)
    found.push({ part: `codes in ${name}`, problem: `${moved} stand in another bucket` })
  return found
}
