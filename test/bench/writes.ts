import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { COPY_HEADER, COPY_TRAILER, copyRow } from '../../src/store/connection/copy-format.js'
import { row, type Vectors } from './datasets/dataset.js'
import type { BulkWay, Method, NewRows, Subject } from './methods/method.js'
import type { Prepared } from './prepare.js'
import { copyTable, recordedWrites, recordWrites, tableOf, type Place } from './tables.js'

/** Rates of writes to a table with the index of a method. */
export interface Writes {
  /** Single-row inserts per second into the whole table, each in its own transaction. */
  readonly inserts_per_s: number
  /** Rows per second of the fastest bulk way, in one transaction, into a copy of the table. */
  readonly bulk_rows_per_s: number
  /** Rows per second of each way. */
  readonly bulk: Readonly<Record<string, number>>
  /** Rows of the copy before the insert. */
  readonly bulk_into: number
}

const INSERTS = 500
/** Rows of a bulk insert unless a method sets fewer; also the largest size of the copy before it. */
const BULK_ROWS = 100_000

/** The recorded rates of a table, which are measured first if there are none. */
export async function keptWrites(
  place: Place,
  prepared: Prepared,
  vectors: Vectors,
  say: (text: string) => void,
): Promise<Writes> {
  const { name } = prepared.method
  const before = await recordedWrites(place, name)
  if (before) return before
  say(`writing to ${name}`)
  const writes = await measureWrites(place, prepared, vectors)
  await recordWrites(place, name, writes)
  return writes
}

async function measureWrites(place: Place, prepared: Prepared, vectors: Vectors): Promise<Writes> {
  const { method, subject } = prepared
  const inserts_per_s = await measureInserts(prepared, vectors)
  const { rows } = vectors.base
  const bulk_into = Math.min(BULK_ROWS, Math.floor(rows / 2))
  const bulk: Record<string, number> = {}
  for (const way of waysOf(method)) {
    const count = Math.min(way.rows ?? BULK_ROWS, bulk_into)
    const added = { base: vectors.base, first: bulk_into, count }
    bulk[way.name] = count / (await measureBulk(place, subject, way, added))
  }
  const bulk_rows_per_s = Math.max(...Object.values(bulk))
  return { inserts_per_s, bulk_rows_per_s, bulk, bulk_into }
}

/** Inserts queries as new rows and deletes them afterwards; returns rows per second. */
async function measureInserts(prepared: Prepared, { base, queries }: Vectors): Promise<number> {
  const { method, subject } = prepared
  const { client, table } = subject
  const count = Math.min(INSERTS, queries.rows)
  // Otherwise the checkpoint of earlier writes would count here.
  await client.query('checkpoint')
  const texts = Array.from({ length: count }, (_, i) => `[${row(queries, i).join(',')}]`)
  const name = `bench_insert_${subject.name}`
  const text = `insert into ${table} (id, v) values ($1, $2)`
  const begin = performance.now()
  for (const [i, vector] of texts.entries())
    await client.query({ name, text, values: [base.rows + i, vector] })
  const seconds = (performance.now() - begin) / 1000
  await client.query(`delete from ${table} where id >= $1`, [base.rows])
  // Restores the index for the next run.
  for (const written of method.written?.(subject) ?? [table])
    await client.query(`vacuum (index_cleanup on, parallel 0) ${written}`)
  return count / seconds
}

async function measureBulk(
  place: Place,
  subject: Subject,
  way: BulkWay,
  added: NewRows,
): Promise<number> {
  const rows = added.first
  const copy = { ...subject, rows, name: `${subject.name}_bulk`, table: `${subject.table}_bulk` }
  await way.drop?.(copy)
  await copyTable(place, tableOf(place, 'plain'), copy.table, copy.dims, rows)
  try {
    await way.build(copy)
    const load = way.load ?? copyIn(added)
    await copy.client.query('checkpoint')
    const begin = performance.now()
    await load(copy, added)
    return (performance.now() - begin) / 1000
  } finally {
    await way.drop?.(copy)
    await copy.client.query(`drop table ${copy.table}`)
  }
}

function waysOf(method: Method): readonly BulkWay[] {
  return method.bulk ?? [{ name: 'copy', build: method.build }]
}

/** COPY of rows that are encoded beforehand, so that our encoder does not slow down other methods. */
function copyIn(added: NewRows): (subject: Subject) => Promise<void> {
  const file = copyFile(added)
  return ({ client, table }) =>
    pipeline(
      Readable.from(file, { objectMode: false }),
      client.query(copyFrom(`copy ${table} (id, v) from stdin with (format binary)`)),
    )
}

function copyFile({ base, first, count }: NewRows): Buffer[] {
  const rows = Array.from({ length: count }, (_, i) =>
    copyRow(['int4', 'vector'], [first + i, row(base, first + i)]),
  )
  const chunks: Buffer[] = [COPY_HEADER]
  for (let i = 0; i < rows.length; i += 100) chunks.push(Buffer.concat(rows.slice(i, i + 100)))
  return [...chunks, COPY_TRAILER]
}
