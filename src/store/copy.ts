import type { PGlite } from '@electric-sql/pglite'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { COPY_HEADER, COPY_TRAILER, copyRow, type CopyType, type CopyValue } from './copy-format.js'

/** Where rows go: a table and the columns given, in order, with their types. */
export interface CopyTarget {
  /** Qualified and quoted where needed: `cbir.item`. A name from outside goes through `pg`'s `escapeIdentifier` first. */
  readonly table: string
  readonly columns: Readonly<Record<string, CopyType>>
}

/** Values in the order of the target's columns. */
export type CopyRow = readonly CopyValue[]

/**
 * Writes rows by binary COPY inside the transaction that is open on the connection: streamed to a
 * server; as one blob to PGlite, whose wire protocol cannot carry `copy … from stdin`.
 */
export async function copyRows(
  connection: PGlite | pg.PoolClient,
  target: CopyTarget,
  rows: Iterable<CopyRow>,
): Promise<number> {
  const columns = Object.keys(target.columns).join(', ')
  const copy = (source: string) =>
    `copy ${target.table} (${columns}) from ${source} with (format binary)`
  const counter = { rows: 0 }
  const file = copyFile(Object.values(target.columns), rows, counter)
  if ('release' in connection) {
    await pipeline(
      Readable.from(file, { objectMode: false }),
      connection.query(copyFrom(copy('stdin'))),
    )
  } else {
    const blob = new Blob([...file] as Uint8Array<ArrayBuffer>[])
    await connection.query(copy("'/dev/blob'"), [], { blob })
  }
  return counter.rows
}

function* copyFile(
  types: readonly CopyType[],
  rows: Iterable<CopyRow>,
  counter: { rows: number },
): Generator<Buffer> {
  yield COPY_HEADER
  for (const row of rows) {
    counter.rows++
    yield copyRow(types, row)
  }
  yield COPY_TRAILER
}
