/** Plain SQL in tests: rows, errors and notices of a statement. */
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

/** The plan of a statement, with output columns. */
export async function planOf(asked: Asked, text: string): Promise<string> {
  const rows = await rowsOf<Record<string, string>>(asked, `explain (verbose, costs off) ${text}`)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}

/**
 * Expects a statement to fail with an SQLSTATE, a message that begins without a capital letter and ends
 * without a full stop, and a hint.
 */
export async function expectRefusal(
  asked: Asked,
  text: string,
  code: string,
  message: RegExp | string = '',
): Promise<void> {
  await hintOf(asked, text, code, message)
}

/** The hint of a statement that fails as `expectRefusal` demands. */
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

/** Messages of the notices and warnings that a statement raises. */
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
