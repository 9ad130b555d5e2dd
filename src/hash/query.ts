import { bitCode, type BitCode } from '../core/code.js'
import { margins } from './encode.js'
import type { HashFamily } from './family.js'

/** A query as rankings of codes want it: `lsh_internal.described`. */
export interface QueryDescription {
  readonly code: BitCode
  /** Margins in steps of 0 to 7, as three codes: bits of value 1, 2 and 4. */
  readonly planes: readonly [BitCode, BitCode, BitCode]
  /** What a step of a margin is worth. */
  readonly step: number
  /** Sum of the sizes of the margins. */
  readonly size: number
}

/** Hashes a query for ranking: its code, and how sure each of its bits is. */
export function describeQuery(family: HashFamily, x: Float32Array): QueryDescription {
  return describeMargins(margins(family, x))
}

/** What margins say, positive of the bits that are set. */
export function describeMargins(margins: Float64Array): QueryDescription {
  const bits = margins.length
  let [most, size] = [0, 0]
  for (let bit = 0; bit < bits; bit++) {
    const height = Math.abs(margins[bit]!)
    size += height
    if (height > most) most = height
  }
  const step = most / 7
  const [code, one, two, four] = [0, 1, 2, 4].map(() => new Uint8Array(Math.ceil(bits / 8))) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  for (let bit = 0; bit < bits; bit++) {
    const margin = margins[bit]!
    const height = step === 0 ? 0 : Math.floor(Math.abs(margin) / step + 0.5)
    const [byte, mask] = [bit >> 3, 0x80 >> (bit & 7)]
    if (margin > 0) code[byte]! |= mask
    if (height & 1) one[byte]! |= mask
    if (height & 2) two[byte]! |= mask
    if (height & 4) four[byte]! |= mask
  }
  return {
    code: bitCode(bits, code),
    planes: [one, two, four].map((bytes) => bitCode(bits, bytes)) as [BitCode, BitCode, BitCode],
    step,
    size,
  }
}

/** Sum of the query's margins over the bits in which a code differs, in whole steps. */
export function asymmetricHamming(query: QueryDescription, code: BitCode): number {
  let sum = 0
  for (let byte = 0; byte < code.bytes.length; byte++) {
    const differ = code.bytes[byte]! ^ query.code.bytes[byte]!
    query.planes.forEach((plane, power) => {
      for (let left = differ & plane.bytes[byte]!; left > 0; left &= left - 1) sum += 1 << power
    })
  }
  return query.step * sum
}

/**
 * Estimated squared distance, less that of the query to the center: `norm² - 2 <x, y>`, the inner product
 * estimated from the code without bias (RaBitQ; Gao and Long, SIGMOD 2024).
 */
export function estimatedDistance(
  query: QueryDescription,
  row: { code: BitCode; norm: number; scale: number },
): number {
  const product = row.scale * (query.size - 2 * asymmetricHamming(query, row.code))
  return row.norm ** 2 - 2 * product
}
