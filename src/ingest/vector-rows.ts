import { LshError } from '../core/errors.js'
import { codeFromText } from '../core/code.js'
import type { ReadyCodes, VectorBlock, VectorKey } from './vector-block.js'

/** Names of what a row holds. */
export interface RowNames {
  readonly key: string
  readonly vector: string
}

export type VectorRow = Readonly<Record<string, unknown>>

/** Rows of objects as a block; `place` names the first of them in what is refused, the others by counting on. */
export function blockOfRows(
  rows: readonly VectorRow[],
  names: RowNames,
  { path, first }: { path: string; first: number },
): VectorBlock {
  const refuse = (i: number, problem: string): never => {
    throw new LshError('bad_input', `${path} row ${first + i}: ${problem}`, {
      hint: `Each row has a key "${names.key}" and a list of numbers "${names.vector}", all of one length; name others with --file-key and --file-vector.`,
    })
  }
  const lists = rows.map(
    (row, i) => numbersOf(row[names.vector]) ?? refuse(i, `${names.vector} is no list of numbers`),
  )
  const dims = lists[0]?.length ?? 0
  const vectors = new Float32Array(dims * rows.length)
  lists.forEach((list, i) => {
    if (list.length !== dims || dims === 0)
      refuse(i, `${names.vector} has ${list.length} numbers, the row before has ${dims}`)
    vectors.set(list, i * dims)
  })
  const keys = rows.map((row, i) => keyOf(row[names.key]) ?? refuse(i, `${names.key} is no key`))
  return { keys, vectors, codes: codesOf(rows, refuse) }
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

/** The codes of rows, where all of them have one. */
function codesOf(
  rows: readonly VectorRow[],
  refuse: (i: number, problem: string) => never,
): ReadyCodes | null {
  if (rows.every((row) => (row.code ?? null) === null)) return null
  const codes = rows.map(({ code }, i) =>
    typeof code === 'string' && /^[01]+$/.test(code)
      ? codeFromText(code)
      : refuse(i, 'code is no text of the digits 0 and 1'),
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
        : refuse(i, `${name} is no number, which belongs to its code`)
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
