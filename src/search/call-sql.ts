import { sql, type RawBuilder } from 'kysely'
import {
  assertFlag,
  assertList,
  assertNumbers,
  assertOptions,
  assertText,
  assertWhole,
  kindOf,
  refuseArgument,
} from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { vectorParameter } from './nearest-arguments.js'
import {
  SQL_FUNCTIONS,
  type SqlArguments,
  type SqlFunctionName,
  type SqlResult,
} from './sql-functions.js'
import type { SqlValues } from './sql-values.js'

/** Documentation of the functions, by their names. */
const REFERENCE =
  'docs/sql.md describes them; search, nearest, createIndex and others are functions of the client.'

/**
 * Calls a SQL function that has no client function of its own, such as those for upkeep and rights. Returns its value
 * or its rows.
 *
 * ```ts
 * await callSql(db, 'lsh.reindex', { index: 'document', family: 'document_1024' })
 * const todo = await callSql(db, 'lsh.maintain', { sample: 50 })
 * ```
 *
 * The call runs at once, as
 *
 * ```sql
 * select * from lsh.reindex("index" => $1::text, "family" => $2::text) as "value"
 * ```
 *
 * @throws LshError `bad_usage` for an unknown function or argument, or a value of another type. Errors of the database
 *   have an SQLSTATE: `fromPgError` translates them.
 */
export async function callSql<DB extends Database, F extends SqlFunctionName>(
  db: Queryable<DB>,
  name: F,
  values: SqlArguments<F>,
): Promise<SqlResult<F>> {
  const tables = ourTables(db)
  assertFunction(name)
  const { takes, gives } = SQL_FUNCTIONS[name]
  const types = Object.entries(takes).map(([key, type]) => ({
    name: key.replace('?', ''),
    type,
    optional: key.endsWith('?'),
  }))
  assertOptions(
    values,
    types.map((one) => one.name),
  )
  const given = values as Readonly<Record<string, unknown>>
  const parts = types
    .filter((one) => !(one.optional && given[one.name] === undefined))
    .map((one) => sql`${sql.ref(one.name)} => ${parameter(one.name, one.type, given[one.name])}`)
  const called = sql`${sql.table(name)}(${sql.join(parts)})`
  // The only procedure: it commits after each batch.
  if (name === 'lsh.build_index') {
    await sql`call ${called}`.execute(tables)
    return undefined as SqlResult<F>
  }
  const { rows } = await sql<{ value?: unknown }>`select * from ${called} as "value"`.execute(
    tables,
  )
  if (typeof gives !== 'string') return rows as SqlResult<F>
  return (gives === 'void' ? undefined : rows[0]?.value) as SqlResult<F>
}

function assertFunction(name: unknown): void {
  assertText('the function', name, REFERENCE)
  if (Object.hasOwn(SQL_FUNCTIONS, name as string)) return
  throw new LshError('bad_usage', `there is no function "${String(name)}" to call`, {
    hint: REFERENCE,
  })
}

/** A value as a parameter of its type. @throws LshError `bad_usage` for one of another type */
function parameter(name: string, type: keyof SqlValues, value: unknown): RawBuilder<unknown> {
  const typed = (bound: unknown) => sql`${bound}::${sql.raw(type)}`
  const hint = 'docs/sql.md says what it means.'
  switch (type) {
    case 'int':
      assertWhole(name, value, -(2 ** 31), hint)
      return typed(value)
    case 'float8':
      if (typeof value !== 'number') refuseArgument(name, value, 'a number', hint)
      return typed(value)
    case 'boolean':
      assertFlag(name, value)
      return typed(value)
    case 'vector':
      assertNumbers(name, value)
      return vectorParameter(Float32Array.from(value))
    case 'jsonb':
      if (typeof value !== 'object' || value === null)
        refuseArgument(name, value, 'an object', hint)
      return typed(jsonOf(name, value))
    case 'text[]':
    case 'int[]':
      assertList(name, value, 'Give several: [1, 2], or ["1", "2"] for keys.')
      for (const one of value as unknown[])
        if (type === 'text[]' ? typeof one !== 'string' : !isInt(one))
          throw new LshError('bad_usage', `${name} holds ${kindOf(one)}`, {
            hint: type === 'text[]' ? 'Give texts: ["1", "2"].' : 'Give whole numbers: [1, 2].',
          })
      return typed(value)
    default:
      assertText(name, value, hint)
      // PostgreSQL would truncate the name and might call another function.
      if (type === 'name' && Buffer.byteLength(value as string) > 63)
        throw new LshError('bad_usage', `${name} has more than 63 bytes`, { hint })
      return typed(value)
  }
}

function isInt(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31
}

function jsonOf(name: string, value: object): string {
  const refused = (cause?: unknown) =>
    new LshError('bad_usage', `${name} cannot be written as JSON`, {
      hint: 'Give a plain object: { plan_id: 3 }.',
      cause,
    })
  let text: unknown
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw refused(cause)
  }
  if (typeof text !== 'string') throw refused()
  return text
}
