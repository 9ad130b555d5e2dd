import { rm } from 'node:fs/promises'
import { afterAll, beforeAll } from 'vitest'
import { openStore, type Store } from '../../src/store/connection/connect.js'
import { openTestDatabase } from '../database.js'

/** A migrated database on which the command line works and which nothing else has open. */
export interface Place {
  /** Directory or URL, as `--db` takes it. */
  readonly db: string
  /** Opens the database for a piece of work, as to inspect or to prepare it. */
  withStore<T>(work: (store: Store) => Promise<T>): Promise<T>
  remove(): Promise<void>
}

/** One database for the tests of a file. */
export function usePlace(): Place {
  let place: Place | undefined
  const current = () => {
    if (!place) throw new Error('the place exists only while tests run')
    return place
  }
  beforeAll(async () => {
    place = await openPlace()
  })
  afterAll(() => place?.remove())
  return {
    get db() {
      return current().db
    },
    withStore: (work) => current().withStore(work),
    remove: () => current().remove(),
  }
}

/** Opens a database for one piece of work at a time. */
export function withStoreAt(db: string): Place['withStore'] {
  return async (work) => {
    const store = await openStore(db)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
}

/** A fresh database; the caller removes it. */
export async function openPlace(): Promise<Place> {
  const database = await openTestDatabase()
  const embedded = database.store.engine === 'embedded'
  // Only one process can open a directory. On a server this connection stays open to drop the database.
  if (embedded) await database.store.close()
  return {
    db: database.place,
    withStore: withStoreAt(database.place),
    remove: () =>
      embedded ? rm(database.place, { recursive: true, force: true }) : database.close(),
  }
}
