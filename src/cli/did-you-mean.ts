import { setImmediate } from 'node:timers/promises'
import type { Option } from 'commander'
import { InvalidArgumentError } from 'commander'
import { LshError } from '../core/errors.js'
import { listNames, nearestName, suggestName } from '../core/nearest-name.js'
import type { Store } from '../store/connection/connect.js'
import { fromPgError } from '../store/connection/errors.js'
import { ENCODED_SPACES, JOINT_SPACES } from '../store/encode/known-spaces.js'
import { PLAN_SPACES } from '../store/encode/plan-vectors.js'

/** Where the names of each kind of thing are. */
const NAMES: Readonly<Record<string, string>> = {
  'data set': 'select distinct dataset as name from cbir.patient',
  space: 'select name from cbir.space',
  encoder: 'select name from cbir.encoder',
  index: 'select name from lsh.index',
  family: 'select name from lsh.family',
}
const NAMED = /\b(data set|space|encoder|index|family) "([^"]+)"/g
/** The table of a space, which statements name. */
const TABLE = /\brelation "(space)\.([^"]+)" does not exist/g

/** Spaces that a command makes when it is asked for them: such a name is no slip. */
const MAKEABLE: readonly string[] = [ENCODED_SPACES, JOINT_SPACES, PLAN_SPACES].flatMap(Object.keys)

/**
 * The error of a work on a database, with the names that there are where it tells of one that is unknown: from SQL and
 * from here alike. Any other error as it is, and also where the names cannot be read: it is what the user needs to see.
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
  // On the embedded engine a query fails before its last message went through, which no other may meet.
  await setImmediate()
  // A statement of the user's may have left a transaction open, which takes no more of them.
  await pool.query('rollback')
  const { rows } = await pool.query<{ name: string }>(NAMES[kind] ?? '')
  return rows.map(({ name }) => name)
}

function hintFor(kind: string, name: string, names: readonly string[], hint: string): string {
  const makes = ['space', 'encoder'].includes(kind)
  if (makes && MAKEABLE.includes(name)) return `${listNames(names)} ${hint}`
  // What is said of a name that is none leads astray, as to train an encoder of that name.
  const makeable = makes ? MAKEABLE.filter((one) => !names.includes(one)) : []
  if (nearestName(name, names) === null && nearestName(name, makeable) !== null)
    return `Did you mean "${nearestName(name, makeable) ?? ''}"? ${listNames(names)}`
  const meant = suggestName(name, names)
  return nearestName(name, names) === null && !makes ? `${meant} ${hint}` : meant
}

/** Has an option with choices name the one that was meant, beside all of them. */
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
