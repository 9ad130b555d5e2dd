/** Roles for tests. Their names are unique, since roles belong to the whole server. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import type { TestDatabase } from '../database.js'

/** Creates roles before the tests of a file and drops them afterwards; call it after `useTestDatabase`. */
export function useRoles<const N extends string>(
  database: TestDatabase,
  names: readonly N[],
): Record<N, string> {
  const suffix = randomUUID().slice(0, 8)
  const roles = Object.fromEntries(
    names.map((name) => [name, `lsh_test_${name}_${suffix}`]),
  ) as Record<N, string>
  beforeAll(async () => {
    for (const role of Object.values<string>(roles))
      await database.store.pool.query(`create role ${role}`)
  })
  afterAll(async () => {
    for (const role of Object.values<string>(roles))
      await database.store.pool.query(`drop owned by ${role} cascade; drop role ${role}`)
  })
  return roles
}

/** Runs a statement and returns its rows. */
export type Ask = <T>(text: string, values?: unknown[]) => Promise<T[]>

/** Runs `work` in a session with a role set, and resets the role afterwards. */
export async function asRole<T>(
  database: TestDatabase,
  role: string,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const client = await database.store.pool.connect()
  try {
    await client.query(`set role ${role}`)
    return await work(async (text, values = []) => {
      const { rows } = await client.query<pg.QueryResultRow>(text, values)
      return rows as never
    })
  } finally {
    await client.query('reset role')
    client.release()
  }
}

/** True if a statement succeeds, else its SQLSTATE, message and hint; rolls it back. */
export async function undone(ask: Ask, text: string): Promise<true | string> {
  await ask('begin')
  try {
    await ask(text)
    return true
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint?: string }
    return `${code} ${message} ${hint ?? ''}`
  } finally {
    await ask('rollback')
  }
}

/** Enables or disables the event triggers, which are missing if no superuser has installed the extension. */
export async function setEventTriggers(
  database: TestDatabase,
  state: 'enable' | 'disable',
): Promise<void> {
  const { rows } = await database.store.pool.query<{ name: string }>(
    `select evtname as name from pg_event_trigger where evtname like 'lsh_follow_%'`,
  )
  for (const { name } of rows)
    await database.store.pool.query(`alter event trigger ${name} ${state}`)
}
