import type pg from 'pg'
import type { Store } from '../store/connection/connect.js'

export interface ReadOnlyOptions {
  /** What a statement may take, in milliseconds; the embedded engine cannot be stopped. */
  timeoutMs: number
}

/**
 * Has a store read only from here on: each connection is told so before it is used for the first time, and that no
 * statement may take longer. A connection that does not take it is closed.
 */
export function makeReadOnly(store: Pick<Store, 'pool'>, { timeoutMs }: ReadOnlyOptions): void {
  const told = new WeakSet<pg.PoolClient>()
  // What is queued on a connection is answered in its order: before whoever acquires it asks anything.
  store.pool.on('acquire', (client) => {
    if (told.has(client)) return
    told.add(client)
    client
      .query(
        `set default_transaction_read_only = on; set statement_timeout = ${Math.round(timeoutMs)};
         set idle_in_transaction_session_timeout = ${Math.round(2 * timeoutMs)}`,
      )
      .catch(() => client.release(true))
  })
}
