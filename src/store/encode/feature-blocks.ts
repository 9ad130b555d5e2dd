import { sql } from 'kysely'
import pg from 'pg'
import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'
import { readKeyedVectors } from '../codes/keyed-vectors.js'

/** A block of features of slices that fits in memory, with the patients of the slices. */
export interface FeatureBlock {
  /** Keys of the slices. */
  readonly items: Int32Array
  readonly patients: Int32Array
  /** The vectors, concatenated: `items.length * dims` values. */
  readonly vectors: Float32Array
}

export interface FeatureBlockOptions {
  /** Data set whose slices are read. (Default: all) */
  dataset?: string
  /** Only slices of these patients. (Default: all) */
  patients?: readonly number[]
  /** Dimensions of the space. */
  dims: number
  /** Only these slices. (Default: all) */
  items?: readonly number[]
  /** Only a seeded sample of this many slices, in random order. (Default: all, in no particular order) */
  sample?: { rows: number; seed: number }
}

/**
 * Reads the features of slices in a space block by block, in one snapshot, so that they need not fit in memory. `visit`
 * receives one block at a time. It must not use the store, whose connection is busy.
 */
export async function visitFeatures(
  store: Store,
  space: string,
  options: FeatureBlockOptions,
  visit: (block: FeatureBlock) => void,
): Promise<void> {
  const { dataset, patients, dims, items, sample } = options
  // Patient and item are the upper and lower half of one int8: COPY writes it as 8 bytes, the patient first.
  const query = `
    select (plan.patient_id::int8 << 32) | feature.item_id, feature.embedding
    from space.${pg.escapeIdentifier(space)} as feature
      join cbir.slice on slice.item_id = feature.item_id
      join cbir.plan on plan.id = slice.plan_id
      join cbir.patient on patient.id = plan.patient_id
    where ${dataset === undefined ? 'true' : `patient.dataset = ${pg.escapeLiteral(dataset)}`}
      ${patients ? `and patient.id = any(array[${patients.map(Number).join(',')}]::int[])` : ''}
      ${items ? `and feature.item_id = any(array[${items.map(Number).join(',')}]::int[])` : ''}
    ${sample ? `order by hashtextextended(feature.item_id::text, ${sample.seed}), feature.item_id limit ${sample.rows}` : ''}`
  await store.transaction(async ({ readFile }) => {
    for await (const { keys, vectors } of readKeyedVectors(readFile(query), dims)) {
      const rows = keys.length / 8
      visit({
        patients: Int32Array.from({ length: rows }, (_, row) => keys.readInt32BE(8 * row)),
        items: Int32Array.from({ length: rows }, (_, row) => keys.readInt32BE(8 * row + 4)),
        vectors,
      })
    }
  })
}

/**
 * The features of the slices `items`, in that order.
 *
 * @throws LshError `LSH03` if slices have no features in the space
 */
export async function featuresOf(
  store: Store,
  space: string,
  options: FeatureBlockOptions & { items: readonly number[] },
): Promise<FeatureBlock> {
  const { items, dims } = options
  const places = new Map(items.map((item, place) => [item, place]))
  const patients = new Int32Array(items.length)
  const vectors = new Float32Array(items.length * dims)
  let found = 0
  await visitFeatures(store, space, options, (block) => {
    block.items.forEach((item, row) => {
      const place = places.get(item) as number
      patients[place] = block.patients[row] as number
      vectors.set(block.vectors.subarray(row * dims, (row + 1) * dims), place * dims)
      found++
    })
  })
  if (found === items.length) return { items: Int32Array.from(items), patients, vectors }
  throw new LshError('LSH03', `${items.length - found} slices have no features in "${space}"`, {
    hint: `Encode them: "pg-lsh encode --space ${space}".`,
  })
}

/** Number of slices of the given patients with features in a space, and number of patients that have such slices. */
export async function countFeatures(
  store: Store,
  space: string,
  patients: readonly number[],
): Promise<{ items: number; patients: number }> {
  const { rows } = await sql<{ items: number; patients: number }>`
    select count(*)::int as items, count(distinct plan.patient_id)::int as patients
    from ${sql.id('space', space)} as feature
      join cbir.slice on slice.item_id = feature.item_id
      join cbir.plan on plan.id = slice.plan_id
    where plan.patient_id = any(${patients}::int[])`.execute(store.db)
  return rows[0] ?? { items: 0, patients: 0 }
}
