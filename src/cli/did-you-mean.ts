import { setImmediate } from 'node:timers/promises'
import type { Option } from 'commander'
import { InvalidArgumentError } from 'commander'
import { LshError } from '../core/errors.js'
import { listNames, nearestName, suggestName } from '../core/nearest-name.js'
import type { Store } from '../store/connection/connect.js'
import { fromPgError } from '../store/connection/errors.js'
import { ENCODED_SPACES, JOINT_SPACES } from '../store/encode/known-spaces.js'
import { PLAN_SPACES } from '../store/encode/plan-vectors.js'

/** Statements that list the names of each kind of object. */
const NAMES: Readonly<Record<string, string>> = {
  'data set': 'select distinct dataset as name from cbir.patient',
  space: 'select name from cbir.space',
  encoder: 'select name from cbir.encoder',
  index: 'select name from lsh.index',
  family: 'select name from lsh.family',
}
const NAMED = /\b(data set|space|encoder|index|family) "([^"]+)"/g
/** The table of a space in messages of PostgreSQL. */
const TABLE = /\brelation "(space)\.([^"]+)" does not exist/g

/** Spaces that commands create on demand; their names are not typing errors. */
const MAKEABLE: readonly string[] = [ENCODED_SPACES, JOINT_SPACES, PLAN_SPACES].flatMap(Object.keys)

/**
 * Adds existing names to an error about an unknown name, whether it comes from SQL or from the client. Returns other
 * errors unchanged, and also if the names cannot be read, because the user needs to see the original error.
 */
export async function withNames(error: unknown, { pool }: Store): Promise<unknown> {
  const known = fromPgError(error)
  if (!(known instanceof LshError)) return error
  const named = ['LSH01', 'LSH03'].includes(known.code) ? NAMED : TABLE
  for (const [, kind = '', name = ''] of known.message.matchAll(named)) {
    const names = await namesOf(kind, pool).catch((): string[] => [])
    if (names.length === 0 || names.includes(name)) continue
    const { code, message, hint } = known
    return new LshError(code, message, { hint: hintFor(kind, name, names, hint), cause: error })
  }
  return error
}

async function namesOf(kind: string, pool: Store['pool']): Promise<string[]> {
  // The embedded engine reports an error before its last message was processed; another query must
  // wait for that.
  await setImmediate()
  // The user's statement may have left an aborted transaction open, which refuses further statements.
  await pool.query('rollback')
  const { rows } = await pool.query<{ name: string }>(NAMES[kind] ?? '')
  return rows.map(({ name }) => name)
}

function hintFor(kind: string, name: string, names: readonly string[], hint: string): string {
  const makes = ['space', 'encoder'].includes(kind)
  if (makes && MAKEABLE.includes(name)) return `${listNames(names)} ${hint}`
  // The original hint misleads for a misspelled name: it would, for example, train an encoder of that name.
  const makeable = makes ? MAKEABLE.filter((one) => !names.includes(one)) : []
  if (nearestName(name, names) === null && nearestName(name, makeable) !== null)
    return `Did you mean "${nearestName(name, makeable) ?? ''}"? ${listNames(names)}`
  const meant = suggestName(name, names)
  return nearestName(name, names) === null && !makes ? `${meant} ${hint}` : meant
}

/** Makes an option with choices suggest the most similar one, in addition to listing all. */
export function suggestChoices(option: Option): void {
  const { argChoices, parseArg } = option
  if (argChoices === undefined || parseArg === undefined) return
  option.argParser((text: string, before: unknown) => {
    if (argChoices.includes(text)) return parseArg(text, before)
    const near = nearestName(text, argChoices)
    throw new InvalidArgumentError(
      `${near === null ? '' : `Did you mean "${near}"? `}Allowed choices are ${argChoices.join(', ')}.`,
    )
  })
}
