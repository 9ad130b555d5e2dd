import type { BenchEngine } from '../../src/cli/bench-engine.js'
import type { Store } from '../../src/store/connection/connect.js'
import { IN_LINE_DIMS } from '../../src/store/vectors/vector-table.js'
import type { BenchMemory } from '../../src/cli/bench-result.js'
import { blocksOf, row, type Rows } from './datasets/dataset.js'
import { halfvecField } from './half.js'
import type { Method, Subject } from './methods/method.js'
import { partsOf } from './parts.js'
import type { Writes } from './writes.js'

/** Schema of the tables of a run: `bench` is kept, `bench_once` is dropped at the end. */
export type Schema = 'bench' | 'bench_once'

/** Figures of a table and its index, recorded when they were built. */
export interface Built {
  readonly build_s: number
  readonly index_bytes: number
  /** Peaks of memory during the build; null if an earlier version built the table. */
  readonly memory: BenchMemory | null
}

export interface Place {
  readonly engine: BenchEngine
  readonly store: Store
  readonly client: Subject['client']
  readonly schema: Schema
  /** First part of the names of the tables: `glove`, `glove_20000`. */
  readonly label: string
  /** Data set, version, seed and number of the rows; a table of other rows is built again. */
  readonly source: string
  /** Type of the vectors in the tables. */
  readonly type: Subject['type']
}

/** Rows read from a file at once. */
const BLOCK = 4096

export async function createSchema({ client, schema }: Place): Promise<void> {
  await client.query('create extension if not exists vector')
  if (schema === 'bench_once') await client.query('drop schema if exists bench_once cascade')
  await client.query(`create schema if not exists ${schema}`)
  await client.query(
    `create table if not exists ${schema}.built (
       dataset text,
       method text,
       source text not null,
       build_s float8 not null,
       index_bytes float8 not null,
       memory jsonb,
       writes jsonb,
       built_at timestamptz not null default now(),
       primary key (dataset, method)
     )`,
  )
  await client.query(`alter table ${schema}.built add column if not exists memory jsonb`)
}

/** Figures of a table that already exists with the same rows; undefined if there is none. */
export async function builtBefore(place: Place, method: string): Promise<Built | undefined> {
  const { client, schema, label, source } = place
  const { rows } = await client.query<Built>(
    `select build_s, index_bytes, memory
     from ${schema}.built
     where dataset = $1 and method = $2 and source = $3
       and to_regclass($4) is not null`,
    [label, method, source, tableOf(place, method)],
  )
  return rows[0]
}

export async function recordBuilt(place: Place, method: string, built: Built): Promise<void> {
  const { client, schema, label, source } = place
  await client.query(
    `insert into ${schema}.built (dataset, method, source, build_s, index_bytes, memory)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (dataset, method) do update
     set source = excluded.source, build_s = excluded.build_s, index_bytes = excluded.index_bytes,
       memory = excluded.memory, writes = null, built_at = now()`,
    [label, method, source, built.build_s, built.index_bytes, JSON.stringify(built.memory)],
  )
}

export async function recordedWrites(place: Place, method: string): Promise<Writes | undefined> {
  const { client, schema, label } = place
  const { rows } = await client.query<{ writes: Writes | null }>(
    `select writes from ${schema}.built where dataset = $1 and method = $2`,
    [label, method],
  )
  return rows[0]?.writes ?? undefined
}

export async function recordWrites(place: Place, method: string, writes: Writes): Promise<void> {
  const { client, schema, label } = place
  await client.query(`update ${schema}.built set writes = $3 where dataset = $1 and method = $2`, [
    label,
    method,
    JSON.stringify(writes),
  ])
}

/** Drops the tables of a run, and what its methods created outside of the schema. */
export async function dropSchema(
  place: Place,
  methods: readonly Method[],
  base: Pick<Rows, 'rows' | 'dims'>,
): Promise<void> {
  for (const method of methods) await method.drop?.(subjectOf(place, method, base))
  await place.client.query(`drop schema if exists ${place.schema} cascade`)
}

/** The table of a method, with what its functions need. */
export function subjectOf(
  place: Place,
  method: Method,
  base: Pick<Rows, 'rows' | 'dims'>,
): Subject {
  const { engine, store, client, schema, type } = place
  const table = tableOf(place, method.indexed ? ownerOf(method) : 'plain')
  const name = table.slice(schema.length + 1)
  return { engine, store, client, schema, name, table, type, rows: base.rows, dims: base.dims }
}

/** The name of the method whose table this one searches. */
export function ownerOf(method: Method): string {
  return method.of?.name ?? method.name
}

/** `bench.glove_hnsw_64`. */
export function tableOf({ schema, label }: Place, part: string): string {
  return `${schema}.${label}_${part.replace(/\W/g, '_')}`
}

/**
 * Creates an empty table for vectors, stored in line as by `pg-lsh load vectors`. Autovacuum is off, since it would
 * disturb measurements; the benchmark vacuums itself.
 */
export async function createTable(
  { client, type }: Place,
  table: string,
  dims: number,
): Promise<void> {
  const storage = dims <= IN_LINE_DIMS ? 'storage plain' : ''
  await client.query(`drop table if exists ${table}`)
  await client.query(
    `create table ${table} (id int primary key, v ${type}(${dims}) ${storage}, part int)
     with (autovacuum_enabled = false, toast.autovacuum_enabled = false)`,
  )
}

/** Creates a table and loads rows by binary COPY; ids count from 0. */
export async function loadTable(place: Place, table: string, rows: Rows): Promise<void> {
  await createTable(place, table, rows.dims)
  // Values of halfvec are already in binary form, which the writer of bytea passes through.
  const v = place.type === 'halfvec' ? 'bytea' : 'vector'
  const columns = { id: 'int4', v, part: 'int4' } as const
  await place.store.transaction((transaction) =>
    transaction.copy({ table, columns }, numbered(rows, place.type)),
  )
  await place.client.query(`vacuum analyze ${table}`)
}

/** Copies the first `count` rows of a table to a new one. (Default: all) */
export async function copyTable(
  place: Place,
  from: string,
  to: string,
  dims: number,
  count?: number,
): Promise<void> {
  await createTable(place, to, dims)
  const some = count === undefined ? '' : `where id < ${count}`
  await place.client.query(`insert into ${to} select id, v, part from ${from} ${some} order by id`)
  await place.client.query(`vacuum analyze ${to}`)
}

function* numbered(
  rows: Rows,
  type: Subject['type'],
): Generator<[number, Float32Array | Buffer, number]> {
  const parts = partsOf(rows.rows)
  let id = 0
  for (const block of blocksOf(rows, BLOCK)) {
    for (let i = 0; i < block.rows; i++, id++) {
      const vector = row(block, i)
      yield [id, type === 'halfvec' ? halfvecField(vector) : vector, parts[id]!]
    }
  }
}
