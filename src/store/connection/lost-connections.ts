import type { PostgresCursor, PostgresDialectConfig } from 'kysely'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type pg from 'pg'
import Cursor from 'pg-cursor'

const heard = new WeakSet<pg.Pool>()

/**
 * Has a connection that is lost reject what it was asked, and nothing else. The driver tells of it by an event as well,
 * of the pool where the connection waits and of the client where it is in use; unheard, that would end the process.
 */
export function hearLostConnections(pool: pg.Pool): void {
  if (heard.has(pool)) return
  heard.add(pool)
  pool.on('error', ignore)
  pool.on('acquire', (client) => hearErrors(client))
}

/** The same for a stream of COPY: the driver may tell of the loss once more, after whoever used it has gone. */
export function hearErrors(emitter: EventEmitter): void {
  if (!emitter.listeners('error').includes(ignore)) emitter.on('error', ignore)
}

function ignore(): void {
  // Whatever waits for an answer has rejected; the next to ask is told too.
}

/** The part of a connection of `pg` that its types leave out. */
interface Wire extends EventEmitter {
  readonly stream: Duplex
}

/** Ends a connection that is in the middle of an answer which nobody will read: nothing else could be asked before. */
export function endConnection(client: pg.ClientBase): void {
  ;(client as pg.ClientBase & { connection: Wire }).connection.stream.destroy()
}

/** The parts of a cursor of `pg` that its types leave out. */
interface Submitted {
  readonly connection: Wire | null
  handleError(error: Error): void
}

/**
 * A cursor of `pg` that ends with its connection. The driver's own waits for ever where the connection is lost after the
 * last row, before the server says that it is done, and where a cursor is closed whose connection is gone.
 */
export const LastingCursor = function (text: string, values: unknown[]) {
  const cursor = new Cursor<unknown>(text, values) as Cursor & Submitted
  const read = cursor.read.bind(cursor)
  const close = cursor.close.bind(cursor)
  const handleError = cursor.handleError.bind(cursor)
  const waiting = new Set<(error: Error) => void>()
  return Object.assign(cursor, {
    handleError: (error: Error) => {
      handleError(error)
      for (const reject of waiting) reject(error)
      waiting.clear()
    },
    read: (most: number) =>
      new Promise<unknown[]>((resolve, reject) => {
        waiting.add(reject)
        read(most, (error, rows) => {
          waiting.delete(reject)
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
        const gone = () => resolve()
        connection.once('end', gone)
        close((error: Error | undefined) => {
          connection.removeListener('end', gone)
          if (error) reject(error)
          else resolve()
        })
      }),
  })
} as unknown as NonNullable<PostgresDialectConfig['cursor']> &
  (new <T>(text: string, values: unknown[]) => PostgresCursor<T>)
