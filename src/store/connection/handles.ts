import { refuseArgument } from '../../core/arguments.js'
import type { Database, Queryable } from './database.js'

/** @throws LshError `bad_usage` unless it is a Kysely of any version, or a transaction of one */
export function assertDatabase(value: unknown): void {
  if (hasMethods(value, ['selectFrom', 'getExecutor', 'withPlugin'])) return
  refuseArgument(
    'the database',
    value,
    'a Kysely',
    hasMethods((value as { db?: unknown } | null | undefined)?.db, ['selectFrom'])
      ? 'Pass the db of the store: "store.db".'
      : 'Pass what openDatabase or withLsh gave.',
  )
}

/**
 * Our tables in a database that also has others. TypeScript before 6.0 does not infer that it has ours.
 *
 * @throws LshError `bad_usage` unless it is a Kysely, or a transaction of one
 */
export function ourTables<DB extends Database>(db: Queryable<DB>): Queryable<Database> {
  assertDatabase(db)
  return db as unknown as Queryable<Database>
}

/** @throws LshError `bad_usage` unless it is a store */
export function assertStore(value: unknown): void {
  if (hasMethods(value, ['transaction', 'learnTypes', 'close'])) return
  refuseArgument('the store', value, 'a Store', 'Pass what openStore gave: "await openStore(url)".')
}

/** @throws LshError `bad_usage` unless it is a pool of `pg` */
export function assertPool(value: unknown): void {
  if (hasMethods(value, ['connect', 'query', 'on'])) return
  refuseArgument(
    'the pool',
    value,
    'a Pool of pg',
    'Make one: "new pg.Pool({ connectionString })".',
  )
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const methods = value as Record<string, unknown>
  return names.every((name) => typeof methods[name] === 'function')
}
