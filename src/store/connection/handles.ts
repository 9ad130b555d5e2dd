import { refuseArgument } from '../../core/arguments.js'
import type { Database, Queryable } from './database.js'

/** @throws LshError `bad_usage` unless the value is a Kysely of any version, or a transaction of one */
export function assertDatabase(value: unknown): void {
  if (hasMethods(value, ['selectFrom', 'getExecutor', 'withPlugin'])) return
  refuseArgument(
    'the database',
    value,
    'a Kysely',
    hasMethods((value as { db?: unknown } | null | undefined)?.db, ['selectFrom'])
      ? 'Pass the db of the store: "store.db".'
      : 'Pass the result of openDatabase or withLsh.',
  )
}

/**
 * Narrows the type of a database to the tables of pg-lsh. TypeScript before 6.0 does not infer that a database with
 * further tables has these.
 *
 * @throws LshError `bad_usage` unless the value is a Kysely, or a transaction of one
 */
export function ourTables<DB extends Database>(db: Queryable<DB>): Queryable<Database> {
  assertDatabase(db)
  return db as unknown as Queryable<Database>
}

/** @throws LshError `bad_usage` unless the value is a store */
export function assertStore(value: unknown): void {
  if (hasMethods(value, ['transaction', 'learnTypes', 'close'])) return
  refuseArgument(
    'the store',
    value,
    'a Store',
    'Pass the result of openStore: "await openStore(url)".',
  )
}

/** @throws LshError `bad_usage` unless the value is a pool of `pg` */
export function assertPool(value: unknown): void {
  if (hasMethods(value, ['connect', 'query', 'on'])) return
  refuseArgument(
    'the pool',
    value,
    'a Pool of pg',
    'Create one: "new pg.Pool({ connectionString })".',
  )
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const methods = value as Record<string, unknown>
  return names.every((name) => typeof methods[name] === 'function')
}
