import type { PostgresCursor, PostgresDialectConfig } from 'kysely'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type pg from 'pg'
import Cursor from 'pg-cursor'

const heard = new WeakSet<pg.Pool>()

/**
 * Keeps lost connections of a pool from ending the process; each only rejects its pending query. The driver also emits
 * an error event, on the pool for an idle connection and on the client for one in use, which ends the process if there
 * is no listener.
 */
export function hearLostConnections(pool: pg.Pool): void {
  if (heard.has(pool)) return
  heard.add(pool)
  pool.on('error', ignore)
  pool.on('acquire', (client) => hearErrors(client))
}

/** Does the same for a client or a COPY stream: the driver may emit the error again after the stream has ended. */
export function hearErrors(emitter: EventEmitter): void {
  if (!emitter.listeners('error').includes(ignore)) emitter.on('error', ignore)
}

function ignore(): void {
  // Pending queries have rejected; the next query will fail too.
}

/** The part of a `pg` connection that its types omit. */
interface Wire extends EventEmitter {
  readonly stream: Duplex
}

/** Closes a connection whose result will not be read to its end: it could not run another query before that. */
export function endConnection(client: pg.ClientBase): void {
  ;(client as pg.ClientBase & { connection: Wire }).connection.stream.destroy()
}

/** The parts of a `pg` cursor that its types omit. */
interface Submitted {
  readonly connection: Wire | null
  handleError(error: Error): void
}

/**
 * A `pg` cursor that ends with its connection. The driver's own cursor waits forever in two cases: if the connection is
 * lost after the last row but before the server completes the query, and if the cursor is closed after its connection
 * was lost.
 */
export const LastingCursor = function (text: string, values: unknown[]) {
  const cursor = new Cursor<unknown>(text, values) as Cursor & Submitted
  const read = cursor.read.bind(cursor)
  const close = cursor.close.bind(cursor)
  const handleError = cursor.handleError.bind(cursor)
  const pendingReads = new Set<(error: Error) => void>()
  return Object.assign(cursor, {
    handleError: (error: Error) => {
      handleError(error)
      for (const reject of pendingReads) reject(error)
      pendingReads.clear()
    },
    read: (most: number) =>
      new Promise<unknown[]>((resolve, reject) => {
        pendingReads.add(reject)
        read(most, (error, rows) => {
          pendingReads.delete(reject)
          if (error) reject(error)
          else resolve(rows)
        })
      }),
    close: () =>
      new Promise<void>((resolve, reject) => {
        const { connection } = cursor
        if (connection === null || connection.stream.destroyed) {
          resolve()
          return
        }
        const onEnd = () => resolve()
        connection.once('end', onEnd)
        close((error: Error | undefined) => {
          connection.removeListener('end', onEnd)
          if (error) reject(error)
          else resolve()
        })
      }),
  })
} as unknown as NonNullable<PostgresDialectConfig['cursor']> &
  (new <T>(text: string, values: unknown[]) => PostgresCursor<T>)
