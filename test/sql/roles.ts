/** Roles for tests: names of their own, since roles belong to the whole server, dropped with all that they own. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import type { TestDatabase } from '../database.js'

/** Creates roles before the tests of a file; called after `useTestDatabase`. The names are known from the start. */
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

/** Rows of a statement. */
export type Ask = <T>(text: string, values?: unknown[]) => Promise<T[]>

/** Works in a session as a role, and leaves the session as it was. */
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

/** Whether a statement works, or the SQLSTATE and the words with which it is refused; takes back what it did. */
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

/** Has PostgreSQL tell of changed tables, or not, as where no superuser has installed the extension. */
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
