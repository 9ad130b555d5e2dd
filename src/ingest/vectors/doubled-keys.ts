import { openFingerprints, fingerprint } from '../files/fingerprints.js'
import type { VectorKey } from './vector-block.js'

/** Two rows with the same key, counted from 1. */
export interface DoubledKey {
  /** The key of the second row. */
  readonly key: VectorKey
  readonly first: number
  readonly second: number
}

export interface DoubledKeyOptions {
  /** Keys that are remembered at once. (Default: 8,388,608, in 128 MB) */
  most?: number
  /** Text that is equal for equal keys. (Default: the key as text) */
  textOf?: (key: VectorKey) => string
}

type Read = () => AsyncIterable<readonly VectorKey[]>

/** The keys whose fingerprints have a certain remainder. */
interface Part {
  readonly modulus: number
  readonly rest: number
}

/**
 * Finds a repeated key in bounded memory, by storing a fingerprint of each key. Keys are read once if they ascend from
 * row to row, as row numbers do, or if they fit in memory. Otherwise they are read again for each part of the
 * fingerprints.
 */
export async function findDoubledKey(
  read: Read,
  options: DoubledKeyOptions = {},
): Promise<DoubledKey | null> {
  const { most = 2 ** 23, textOf = String } = options
  const whole = { modulus: 1, rest: 0 }
  const first = await lookThrough(read, whole, { most, textOf, toItsEnd: true })
  if (first.found !== null || first.complete || first.growing) return first.found
  const parts = Math.ceil((1.1 * first.rows) / most)
  const left: Part[] = Array.from({ length: parts }, (_, rest) => ({ modulus: parts, rest }))
  for (let part = left.pop(); part; part = left.pop()) {
    const { found, complete } = await lookThrough(read, part, { most, textOf, toItsEnd: false })
    if (found !== null) return found
    const { modulus, rest } = part
    if (!complete)
      left.push({ modulus: 2 * modulus, rest }, { modulus: 2 * modulus, rest: rest + modulus })
  }
  return null
}

interface Look extends Required<DoubledKeyOptions> {
  /** Whether to count the rows to the end although the part exceeds the memory. */
  readonly toItsEnd: boolean
}

async function lookThrough(read: Read, { modulus, rest }: Part, look: Look) {
  const { most, textOf, toItsEnd } = look
  const prints = openFingerprints()
  let [rows, complete, growing] = [0, true, true]
  let last: VectorKey | undefined
  for await (const keys of read())
    for (const key of keys) {
      rows++
      growing &&= last === undefined || grows(last, key, textOf)
      last = key
      // If the keys keep ascending, none of them is needed.
      if (!complete) continue
      const text = textOf(key)
      const print = fingerprint(text)
      if (print % modulus !== rest) continue
      if (prints.add(print)) {
        // Fingerprints may agree by chance.
        const first = await rowOf(read, text, { before: rows, textOf })
        if (first !== null)
          return { found: { key, first, second: rows }, rows, complete, growing: false }
      } else if (prints.count() > most) {
        complete = false
        prints.clear()
        if (!toItsEnd) return { found: null, rows, complete, growing: false }
      }
    }
  return { found: null, rows, complete, growing }
}

function grows(last: VectorKey, key: VectorKey, textOf: (key: VectorKey) => string): boolean {
  if (typeof last !== 'string' && typeof key !== 'string') return last < key
  return typeof last === typeof key && textOf(last) < textOf(key)
}

async function rowOf(
  read: Read,
  text: string,
  { before, textOf }: { before: number; textOf: (key: VectorKey) => string },
): Promise<number | null> {
  let row = 0
  for await (const keys of read())
    for (const key of keys) {
      row++
      if (row >= before) return null
      if (textOf(key) === text) return row
    }
  return null
}
