import { sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../connection/connect.js'
import { readKeyedVectors, type KeyedVectors } from './keyed-vectors.js'

/** A table with a vector column. */
export interface Table {
  /** Qualified, and quoted where necessary. */
  readonly name: string
  /** The column that identifies rows and whose hashes order a sample. */
  readonly key: string
  readonly column: string
  /** SQL expression of the column as pgvector's type vector; the alias of the table is `source`. */
  readonly vectors: string
  /** Number of rows with a vector. */
  readonly rows: number
  readonly dims: number
}

/**
 * Looks up a vector column and counts its vectors. Fails with SQLSTATE `42P01` or `42703` for an unknown table or
 * column, `42804` for a column of another type, and `LSH02` for a column without a dimension.
 */
export async function describeTable(
  store: Store,
  { relation, column }: { relation: string; column: string },
): Promise<Table> {
  const named = await sql<{ name: string; key: string; vectors: string }>`
    select lsh_internal.table_name(${relation}::regclass) as name, lsh_internal.sampling_key(${relation}::regclass) as key,
      lsh_internal.as_vector(${column}, 'source') as vectors
    from lsh_internal.assert_vector_column(${relation}::regclass, ${column}) as checked`.execute(
    store.db,
  )
  const { name, key, vectors } = named.rows[0] as { name: string; key: string; vectors: string }
  // The type modifier of a pgvector column is its dimension.
  const { rows } = await sql<{ rows: number; dims: number }>`
    select (select pg_catalog.count(${sql.id(column)})::int from ${sql.raw(name)}) as rows, atttypmod as dims
    from pg_catalog.pg_attribute
    where attrelid = ${name}::regclass and attname = ${column}`.execute(store.db)
  return { name, key, column, vectors, rows: rows[0]?.rows ?? 0, dims: rows[0]?.dims ?? 0 }
}

/** A vector column: that of a space, or of any other table, whose rows have no patients. */
export type VectorSource =
  { readonly space: string } | { readonly relation: string; readonly column: string }

/** Sampled vectors with their patients and classes. */
export interface Sample {
  readonly vectors: readonly Float32Array[]
  /**
   * Patient, tile or neuron of each vector, or a unique negative number for a vector without one; null if no vector has
   * one.
   */
  readonly owners: Int32Array | null
  /** Class of each vector, or null; null instead of the list if the source is not a space. */
  readonly labels: readonly (string | null)[] | null
}

/**
 * Reads a seeded random sample of about `wanted` vectors. The first of them are those that `lsh_internal.sample`
 * returns for the same seed, in the same order.
 */
export async function readSample(
  store: Store,
  table: Table,
  seed: number,
  wanted: number,
): Promise<Float32Array[]> {
  const key = `source.${pg.escapeIdentifier(table.key)}`
  const sample: Float32Array[] = []
  await visitSample(store, table, { seed, wanted, key }, ({ vectors }) => {
    for (let at = 0; at < vectors.length; at += table.dims)
      sample.push(vectors.subarray(at, at + table.dims))
  })
  return sample
}

/** The table and column of a source. */
export function columnOf(source: VectorSource): { relation: string; column: string } {
  return 'space' in source ? { relation: `space.${source.space}`, column: 'embedding' } : source
}

/** Reads a sample as `readSample` does; of a space, with the patients and classes of its items. */
export async function readOwnedSample(
  store: Store,
  source: VectorSource,
  table: Table,
  { seed, wanted }: { seed: number; wanted: number },
): Promise<Sample> {
  if (!('space' in source))
    return { vectors: await readSample(store, table, seed, wanted), owners: null, labels: null }
  const vectors: Float32Array[] = []
  const items: number[] = []
  const key = `source.${pg.escapeIdentifier(table.key)}`
  await visitSample(store, table, { seed, wanted, key }, (block) => {
    for (let row = 0; row < block.keyEnds.length; row++) {
      items.push(block.keys.readInt32BE(4 * row))
      vectors.push(block.vectors.subarray(row * table.dims, (row + 1) * table.dims))
    }
  })
  const facts = await ownersAndLabels(store, items)
  // Ids of patients are positive.
  const owners = Int32Array.from(items, (item, row) => facts.get(item)?.owner ?? -1 - row)
  return {
    vectors,
    owners: owners.some((owner) => owner > 0) ? owners : null,
    labels: items.map((item) => facts.get(item)?.label ?? null),
  }
}

/** Reads the patient, tile or neuron of each item, and its class. */
async function ownersAndLabels(
  store: Store,
  items: readonly number[],
): Promise<Map<number, { owner: number | null; label: string | null }>> {
  const { rows } = await sql<{ id: number; owner: number | null; label: string | null }>`
    select item.id, item.label, coalesce(plan.patient_id, picture.patient_id) as owner
    from unnest(${items}::int[]) as wanted (id)
      join cbir.item using (id)
      left join cbir.slice on slice.item_id = item.id
      left join cbir.plan_item on plan_item.item_id = item.id
      left join cbir.plan on plan.id = coalesce(slice.plan_id, plan_item.plan_id)
      left join cbir.picture on picture.item_id = item.id`.execute(store.db)
  return new Map(rows.map(({ id, ...facts }) => [id, facts]))
}

/** Visits sampled rows of a table in random order, in blocks; `key` is the SQL expression that is read as the key. */
async function visitSample(
  store: Store,
  table: Table,
  { seed, wanted, key }: { seed: number; wanted: number; key: string },
  visit: (block: KeyedVectors) => void,
): Promise<void> {
  const { name, dims, rows } = table
  const [ownKey, column] = [table.key, table.column].map(pg.escapeIdentifier)
  const hash = `hashtextextended(source.${ownKey}::text, ${seed})`
  // Rows up to a limit of their hash: about as many as `order by … limit` would return, without sorting all vectors.
  const share = BigInt(Math.round(Math.min(1, wanted / Math.max(1, rows)) * 2 ** 32))
  const limit = (share << 32n) - 2n ** 63n - 1n
  const query = `
    select ${key}, ${table.vectors}
    from ${name} as source
    where source.${column} is not null
      and ${hash} <= ${limit}
    order by ${hash}, source.${ownKey}`
  await store.transaction(async ({ readFile }) => {
    for await (const block of readKeyedVectors(readFile(query), dims)) visit(block)
  })
}
