import { sql } from 'kysely'
import { endToEnd } from '../../core/vector.js'
import type { BulkEncoder } from '../../hash/bulk-encode.js'
import type { HashFamily } from '../../hash/family.js'
import type { Store } from '../connection/connect.js'
import { codeTable } from '../codes/write-codes.js'
import type { Difference } from './plan-differences.js'

/** Bits per code, and vectors per plan in another bucket, that may differ because of rounding. */
const BITS = 2
const MOVED = 1

/** An index with its family. */
export interface OpenIndex {
  readonly name: string
  readonly family: HashFamily
  readonly encode: BulkEncoder
}

/** The stored vector of an item. */
export interface StoredFeature {
  readonly item_id: number
  /** Added to the name of the part: `, slice 12`, or nothing for a whole plan. */
  readonly place: string
  readonly embedding: Float32Array
}

/** Compares codes with those of the stored features. Features that differ are reported separately. */
export async function codeDifferences(
  store: Store,
  { name, family, encode }: OpenIndex,
  features: readonly StoredFeature[],
): Promise<Difference[]> {
  const { rows } = await sql<{ key: number; bucket: number; code: string }>`
    select key, bucket, code::text as code from ${sql.raw(codeTable(name))}
    where key = any(${features.map(({ item_id }) => item_id)}::int[])`.execute(store.db)
  const stored = new Map(rows.map((row) => [row.key, row]))
  const hashed = encode(endToEnd(features.map(({ embedding }) => embedding)))
  const width = Math.ceil(family.bits / 8)
  const found: Difference[] = []
  let moved = 0
  features.forEach(({ item_id, place }, i) => {
    const row = stored.get(item_id)
    const part = `code in ${name}${place}`
    if (!row) {
      found.push({ part, problem: 'is missing' })
      return
    }
    if (row.bucket !== hashed.buckets[i]) moved++
    let bits = 0
    for (let bit = 0; bit < family.bits; bit++) {
      const set = (hashed.codes[i * width + (bit >> 3)]! >> (7 - (bit & 7))) & 1
      if (set !== Number(row.code[bit])) bits++
    }
    if (bits > BITS) found.push({ part, problem: `${bits} of ${family.bits} bits differ` })
  })
  if (moved > MOVED)
    found.push({ part: `codes in ${name}`, problem: `${moved} are in another bucket` })
  return found
}
