import type pg from 'pg'
import type { Store } from '../store/connection/connect.js'

export interface ReadOnlyOptions {
  /** Longest time of a statement, in milliseconds; the embedded engine ignores it. */
  timeoutMs: number
}

/**
 * Makes a store read-only and limits the time of its statements, by settings on each connection before its first use. A
 * connection that refuses the settings is closed.
 */
export function makeReadOnly(store: Pick<Store, 'pool'>, { timeoutMs }: ReadOnlyOptions): void {
  const configured = new WeakSet<pg.PoolClient>()
  // Statements of a connection run in order, so that this one precedes those of the caller.
  store.pool.on('acquire', (client) => {
    if (configured.has(client)) return
    configured.add(client)
    client
      .query(
        `set default_transaction_read_only = on; set statement_timeout = ${Math.round(timeoutMs)};
         set idle_in_transaction_session_timeout = ${Math.round(2 * timeoutMs)}`,
      )
      .catch(() => client.release(true))
  })
}
