import { LshError } from '../../core/errors.js'
import { codeFromText } from '../../core/code.js'
import { isBeyondBigint, NUMBER_REMEDY, numberProblem } from '../files/checked-numbers.js'
import type { ReadyCodes, VectorBlock, VectorKey } from './vector-block.js'

/** Column names of a row. */
export interface RowNames {
  readonly key: string
  readonly vector: string
}

export type VectorRow = Readonly<Record<string, unknown>>

type Refuse = (i: number, problem: string, hint?: string) => never

function refusing({ key, vector }: RowNames, placeOf: (i: number) => string): Refuse {
  const wanted = `Each row has a key "${key}" and a list of numbers "${vector}", all of one length; name others with --file-key and --file-vector.`
  return (i, problem, hint = wanted) => {
    throw new LshError('bad_input', `${placeOf(i)}: ${problem}`, { hint })
  }
}

/** Converts row objects to a block; `placeOf` names a row in errors: `x.ndjson line 3`. */
export function blockOfRows(
  rows: readonly VectorRow[],
  names: RowNames,
  placeOf: (i: number) => string,
): VectorBlock {
  const refuse = refusing(names, placeOf)
  const lists = rows.map(
    (row, i) =>
      numbersOf(row[names.vector]) ?? refuse(i, `${names.vector} is not a list of numbers`),
  )
  const dims = lists[0]?.length ?? 0
  const vectors = new Float32Array(dims * rows.length)
  lists.forEach((list, i) => {
    if (list.length === 0) refuse(i, `${names.vector} has 0 numbers`)
    if (list.length !== dims)
      refuse(i, `${names.vector} has ${list.length} numbers, the row before has ${dims}`)
    const problem = numberProblem(list)
    if (problem !== null) refuse(i, `${names.vector}: ${problem}`, NUMBER_REMEDY)
    vectors.set(list, i * dims)
  })
  return { keys: keysOf(rows, names.key, refuse), vectors, codes: codesOf(rows, refuse) }
}

/** The keys of row objects, of which nothing else is looked at. */
export function keysOfRows(
  rows: readonly VectorRow[],
  names: RowNames,
  placeOf: (i: number) => string,
): VectorKey[] {
  return keysOf(rows, names.key, refusing(names, placeOf))
}

function keysOf(rows: readonly VectorRow[], name: string, refuse: Refuse): VectorKey[] {
  return rows.map((row, i) => {
    const key = row[name]
    if (isTooGreat(key))
      refuse(
        i,
        `${name} is an integer that is too large`,
        'Integer keys are signed and have at most 8 bytes, and JSON keeps 53 bits: write the keys as texts, into a column of type text.',
      )
    return keyOf(key) ?? refuse(i, `${name} is not a key`)
  })
}

function isTooGreat(value: unknown): boolean {
  if (typeof value === 'bigint') return isBeyondBigint(value)
  return Number.isInteger(value) && !Number.isSafeInteger(value)
}

function keyOf(value: unknown): VectorKey | null {
  if (typeof value === 'bigint' || typeof value === 'string') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

function numbersOf(value: unknown): ArrayLike<number> | null {
  if (value instanceof Float32Array || value instanceof Float64Array) return value
  if (!Array.isArray(value)) return null
  return value.every((one) => typeof one === 'number') ? value : null
}

/** The codes of rows, if all of them have one. */
function codesOf(rows: readonly VectorRow[], refuse: Refuse): ReadyCodes | null {
  if (rows.every((row) => (row.code ?? null) === null)) return null
  const codes = rows.map(({ code }, i) =>
    typeof code === 'string' && /^[01]+$/.test(code)
      ? codeFromText(code)
      : refuse(i, 'code is not a text of the digits 0 and 1'),
  )
  const bits = codes[0]?.bits ?? 0
  const width = Math.ceil(bits / 8)
  const bytes = new Uint8Array(width * rows.length)
  codes.forEach((code, i) => {
    if (code.bits !== bits) refuse(i, `code has ${code.bits} bits, the row before has ${bits}`)
    bytes.set(code.bytes, i * width)
  })
  const column = (name: string) =>
    Float64Array.from(rows, (row, i) => {
      const value = row[name]
      return typeof value === 'number'
        ? value
        : refuse(i, `${name}, which belongs to the code, is not a number`)
    })
  const reals = (name: string) =>
    typeof rows[0]?.[name] === 'number' ? Float32Array.from(column(name)) : null
  return {
    bits,
    buckets: Int32Array.from(column('bucket')),
    codes: bytes,
    norms: reals('norm'),
    scales: reals('scale'),
  }
}
