import { sql } from 'kysely'
import type { TrainedEncoder } from '../../../src/encode/trained/trained-encoder.js'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import type { Store } from '../../../src/store/connection/connect.js'
import { addEncoder } from '../../../src/store/spaces/encoders.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { clumps } from '../../hash/sample.js'
import { smallPlan } from '../plans/small-plan.js'

/** A slice with its generated vector. */
export interface MadeItem {
  readonly item: number
  readonly patient: number
  readonly vector: Float32Array
}

export interface MadeSpaceOptions {
  /** Name of the space. (Default: made) */
  space?: string
  /** Data set of the plans. (Default: made) */
  dataset?: string
  /** Patients with one plan each. (Default: 12) */
  patients?: number
  /** Slices of a plan. (Default: 10) */
  slices?: number
  /** Dimensions of the vectors. (Default: 8) */
  dims?: number
  /** Seed of the vectors. (Default: 1) */
  seed?: number
  /** The first so many patients count as training patients of the encoder. (Default: 0) */
  seen?: number
}

/** An encoder that never computes anything; only its stored fields matter. */
export function madeEncoder(dims: number): TrainedEncoder {
  return {
    architecture: 'shallow',
    preprocessing: preprocessingOf('ct', { size: 16 }),
    dims,
    featureLayer: 'features',
    topology: { b: [1, { d: null, c: 'x' }], a: true },
    weightSpecs: [{ name: 'first', shape: [2, 3] }],
    weights: Uint8Array.of(0, 1, 127, 128, 255),
    history: [{ epoch: 1, trainLoss: 0.5, validationLoss: 0.25, seconds: 1.5 }],
    baselineLoss: 0.75,
    loss: 0.25,
    quality: [],
    backend: 'wasm',
    seed: 1,
    checksum: 'made up',
  }
}

/** Stores plans with a space of seeded, clustered vectors; no network computes them. */
export async function makeSpace(store: Store, options: MadeSpaceOptions = {}): Promise<MadeItem[]> {
  const { space = 'made', dataset = 'made', patients = 12, slices = 10 } = options
  const { dims = 8, seed = 1, seen = 0 } = options
  for (let number = 1; number <= patients; number++)
    await loadPlan(store, dataset, smallPlan({ number, slices, side: 4 }))
  const rows = await store.db
    .selectFrom('cbir.slice')
    .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.slice.plan_id')
    .innerJoin('cbir.item', 'cbir.item.id', 'cbir.slice.item_id')
    .select(['item_id', 'patient_id'])
    .where('dataset', '=', dataset)
    .orderBy('item_id')
    .execute()
  const vectors = clumps({ dims, rows: rows.length, seed })
  const items = rows.map((row, i) => ({
    item: row.item_id,
    patient: row.patient_id,
    vector: vectors[i] as Float32Array,
  }))
  const trainedOn = [...new Set(items.map(({ patient }) => patient))].slice(0, seen)
  await store.transaction(async (transaction) => {
    await addEncoder(transaction, madeEncoder(dims), { name: space, dataset, trainedOn })
    await transaction.copy(
      { table: `space.${space}`, columns: { item_id: 'int4', embedding: 'vector' } },
      items.map(({ item, vector }) => [item, vector]),
    )
  })
  return items
}

export interface MadeIndexOptions {
  /** Name of index and family. (Default: that of the space) */
  name?: string
  bits?: number
  bucketBits?: number
  maintain?: 'trigger' | 'loader'
}

/** Creates a family and an index of a space, both with the same name. */
export async function makeIndex(
  store: Store,
  space = 'made',
  options: MadeIndexOptions = {},
): Promise<void> {
  const { name = space, bits = 64, bucketBits = 3, maintain = 'trigger' } = options
  await sql`select lsh.create_family(${name}, ${`space.${space}`}::regclass, 'embedding',
    bits => ${bits}::int, bucket_bits => ${bucketBits}::int, kind => 'kernel')`.execute(store.db)
  await sql`select lsh.create_index(${`space.${space}`}::regclass, 'embedding', ${name}, ${name},
    maintain => ${maintain})`.execute(store.db)
  // Fixed settings that the tests can reproduce by loops, unlike the default for a table of this size.
  await sql`update lsh.index set stage = 'buckets', ranking = 'hamming' where name = ${name}`.execute(
    store.db,
  )
}
