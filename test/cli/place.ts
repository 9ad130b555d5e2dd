import { rm } from 'node:fs/promises'
import { afterAll, beforeAll } from 'vitest'
import { openStore, type Store } from '../../src/store/connection/connect.js'
import { openTestDatabase } from '../database.js'

/** A migrated database that no one has open, for the command line to work on. */
export interface Place {
  /** Directory or URL. */
  readonly db: string
  /** Looks into it, or prepares it, from here. */
  withStore<T>(work: (store: Store) => Promise<T>): Promise<T>
  remove(): Promise<void>
}

/** One place for the tests of a file. */
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

/** Opens a database for one work at a time. */
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

/** A fresh place; the caller removes it. */
export async function openPlace(): Promise<Place> {
  const database = await openTestDatabase()
  const embedded = database.store.engine === 'embedded'
  // One process may have a directory open; a server keeps this connection for dropping the database.
  if (embedded) await database.store.close()
  return {
    db: database.place,
    withStore: withStoreAt(database.place),
    remove: () =>
      embedded ? rm(database.place, { recursive: true, force: true }) : database.close(),
  }
}
