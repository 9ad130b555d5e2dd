/** Plain SQL in tests: rows, refusals and notices of a statement. */
import { CompiledQuery, type Kysely } from 'kysely'
import { expect } from 'vitest'
import type { Database } from '../../src/store/connection/database.js'
import type { Store } from '../../src/store/connection/connect.js'

/** A store, or a transaction on one. */
export interface Asked {
  readonly db: Kysely<Database>
}

export async function rowsOf<T>(
  { db }: Asked,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const { rows } = await db.executeQuery<T>(CompiledQuery.raw(text, [...values]))
  return rows
}

/** The one value of the first row. */
export async function valueOf<T>(
  asked: Asked,
  text: string,
  values: readonly unknown[] = [],
): Promise<T> {
  const [row] = await rowsOf<Record<string, T>>(asked, text, values)
  return Object.values(row ?? {})[0] as T
}

/** The plan of a statement, all columns shown. */
export async function planOf(asked: Asked, text: string): Promise<string> {
  const rows = await rowsOf<Record<string, string>>(asked, `explain (verbose, costs off) ${text}`)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}

/**
 * Expects a statement to be refused with an SQLSTATE, in the form of the house: a message without
 * capital and full stop, and a hint that says what to do.
 */
export async function expectRefusal(
  asked: Asked,
  text: string,
  code: string,
  message: RegExp | string = '',
): Promise<void> {
  await hintOf(asked, text, code, message)
}

/** The hint of a statement that is refused so. */
export async function hintOf(
  asked: Asked,
  text: string,
  code: string,
  message: RegExp | string = '',
): Promise<string> {
  const answer: unknown = await rowsOf(asked, text).catch((error: unknown) => error)
  expect(answer, text).toBeInstanceOf(Error)
  const refusal = answer as Error & { code?: string; hint?: string }
  expect({ text, message: refusal.message, code: refusal.code }).toMatchObject({ text, code })
  expect(refusal.message).toMatch(message)
  expect(refusal.message).toMatch(/^[^A-Z].*[^.]$/)
  expect(refusal.hint, `hint of "${refusal.message}"`).toMatch(/\S+ \S+/)
  return refusal.hint as string
}

/** The notices and warnings that a statement raises, by their messages. */
export async function warningsOf(store: Store, text: string): Promise<string[]> {
  const client = await store.pool.connect()
  const warnings: string[] = []
  const listen = (notice: { message?: string | undefined }) => {
    warnings.push(notice.message ?? '')
  }
  client.on('notice', listen)
  try {
    await client.query(text)
    return warnings
  } finally {
    client.off('notice', listen)
    client.release()
  }
}
