import type { PGlite } from '@electric-sql/pglite'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { endConnection, hearErrors } from './lost-connections.js'
import {
  COPY_HEADER,
  COPY_TRAILER,
  copyRow,
  type CopyRow,
  type CopyTarget,
  type CopyType,
} from './copy-format.js'

/** Writes rows by binary COPY, inside the open transaction of the connection; returns their number. */
export async function copyRows(
  connection: PGlite | pg.PoolClient,
  target: CopyTarget,
  rows: Iterable<CopyRow>,
): Promise<number> {
  const counter = { rows: 0 }
  await copyFile(connection, target, encoded(Object.values(target.columns), rows, counter))
  return counter.rows
}

/**
 * Writes rows that are already in the binary COPY format. A server receives them as a stream, PGlite as one blob,
 * because its wire protocol cannot carry `copy … from stdin`.
 */
export async function copyFile(
  connection: PGlite | pg.PoolClient,
  { table, columns, freeze = false }: CopyTarget,
  rows: Iterable<Buffer> | AsyncIterable<Buffer>,
): Promise<void> {
  const copy = (source: string) =>
    `copy ${table} (${Object.keys(columns).join(', ')}) from ${source} with (format binary, freeze ${freeze})`
  if ('release' in connection) {
    const input = connection.query(copyFrom(copy('stdin')))
    hearErrors(input)
    await pipeline(Readable.from(framed(rows), { objectMode: false }), input)
  } else {
    const parts: Uint8Array<ArrayBuffer>[] = []
    for await (const part of framed(rows)) parts.push(part as Uint8Array<ArrayBuffer>)
    const blob = new Blob(parts)
    await connection.query(copy("'/dev/blob'"), [], { blob })
  }
}

/**
 * The rows of a query in the binary COPY format, in chunks of any length: streamed from a server, in one chunk from
 * PGlite.
 */
export async function* readFile(
  connection: PGlite | pg.PoolClient,
  query: string,
): AsyncGenerator<Buffer> {
  const copy = (target: string) => `copy (${query}) to ${target} with (format binary)`
  if ('release' in connection) {
    yield* copyOut(connection, copy('stdout'))
  } else {
    const { blob } = await connection.query(copy("'/dev/blob'"))
    if (blob) yield Buffer.from(await blob.arrayBuffer())
  }
}

/**
 * Streams the output of a COPY. If the caller stops before its end, the connection is closed, because it accepts no
 * other query while a result is unread.
 */
async function* copyOut(connection: pg.PoolClient, text: string): AsyncGenerator<Buffer> {
  const output = connection.query(copyTo(text))
  hearErrors(output)
  let ended = false
  try {
    for await (const part of output as AsyncIterable<Buffer>) yield part
    ended = true
  } catch (error) {
    ended = true
    throw error
  } finally {
    if (!ended) endConnection(connection)
  }
}

function* encoded(
  types: readonly CopyType[],
  rows: Iterable<CopyRow>,
  counter: { rows: number },
): Generator<Buffer> {
  for (const row of rows) {
    counter.rows++
    yield copyRow(types, row)
  }
}

async function* framed(rows: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield COPY_HEADER
  yield* rows
  yield COPY_TRAILER
}
