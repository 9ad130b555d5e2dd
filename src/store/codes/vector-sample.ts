import { sql } from 'kysely'
import pg from 'pg'
import type { Store } from '../connection/connect.js'
import { readKeyedVectors, type KeyedVectors } from './keyed-vectors.js'

/** Facts about a table before it is read. */
export interface Table {
  /** Name as the server writes it. */
  readonly name: string
  readonly key: string
  readonly column: string
  /** The column as pgvector's type vector, of the table as `source`. */
  readonly vectors: string
  /** Rows with a vector. */
  readonly rows: number
  readonly dims: number
}

/**
 * Reads facts about a vector column.
 *
 * @throws LshError `bad_usage` if the table or the column does not exist, or has no vectors.
 */
export async function describeTable(
  store: Store,
  { relation, column }: { relation: string; column: string },
): Promise<Table> {
  const named = await sql<{ name: string; key: string; vectors: string }>`
    select lsh_internal.table_name(${relation}::regclass) as name, lsh_internal.sampling_key(${relation}::regclass) as key,
      lsh_internal.as_vector(${relation}::regclass, ${column}, 'source') as vectors
    from lsh_internal.assert_vector_column(${relation}::regclass, ${column}) as checked`.execute(
    store.db,
  )
  const { name, key, vectors } = named.rows[0] as { name: string; key: string; vectors: string }
  // pgvector keeps the dimension itself in the type modifier.
  const { rows } = await sql<{ rows: number; dims: number }>`
    select (select pg_catalog.count(${sql.id(column)})::int from ${sql.raw(name)}) as rows, atttypmod as dims
    from pg_catalog.pg_attribute
    where attrelid = ${name}::regclass and attname = ${column}`.execute(store.db)
  return { name, key, column, vectors, rows: rows[0]?.rows ?? 0, dims: rows[0]?.dims ?? 0 }
}

/** A column of vectors: that of a space, or of another table, whose rows have no patients. */
export type VectorSource =
  { readonly space: string } | { readonly relation: string; readonly column: string }

/** Vectors of a table with their patients and classes. */
export interface Sample {
  readonly vectors: readonly Float32Array[]
  /** Patient of each vector, or a unique negative number for a vector without a patient; null if none has a patient. */
  readonly owners: Int32Array | null
  /** Class of each vector, or null; null as a whole if the rows are not items. */
  readonly labels: readonly (string | null)[] | null
}

/** A seeded random sample of about the given number of rows; its first rows are those of `lsh_internal.sample`. */
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

/** The same of a source; the items of a space may be of patients. */
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
  const shown = await whatItemsShow(store, items)
  // Patients have numbers from 1 on.
  const owners = Int32Array.from(items, (item, row) => shown.get(item)?.owner ?? -1 - row)
  return {
    vectors,
    owners: owners.some((owner) => owner > 0) ? owners : null,
    labels: items.map((item) => shown.get(item)?.label ?? null),
  }
}

/** Patient, tile or neuron of items, and their classes. */
async function whatItemsShow(
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
  return new Map(rows.map(({ id, ...shown }) => [id, shown]))
}

/** Visits rows of a table block by block, in random order; `key` is what is read beside the vectors. */
async function visitSample(
  store: Store,
  table: Table,
  { seed, wanted, key }: { seed: number; wanted: number; key: string },
  visit: (block: KeyedVectors) => void,
): Promise<void> {
  const { name, dims, rows } = table
  const [own, column] = [table.key, table.column].map(pg.escapeIdentifier)
  const place = `hashtextextended(source.${own}::text, ${seed})`
  // The smallest hashes, as `order by … limit` would give them, but without a sort of all vectors.
  const share = BigInt(Math.round(Math.min(1, wanted / Math.max(1, rows)) * 2 ** 32))
  const limit = (share << 32n) - 2n ** 63n - 1n
  const query = `
    select ${key}, ${table.vectors}
    from ${name} as source
    where source.${column} is not null
      and ${place} <= ${limit}
    order by ${place}, source.${own}`
  await store.transaction(async ({ readFile }) => {
    for await (const block of readKeyedVectors(readFile(query), dims)) visit(block)
  })
}
