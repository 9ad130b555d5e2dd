import type { BitCode } from '../core/code.js'
import { margins } from './encode.js'
import type { HashFamily } from './family.js'

/** A query as rankings of codes want it: `lsh._described`. */
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
  const sides = margins(family, x)
  const sizes = sides.map(Math.abs)
  const step = sizes.reduce((most, size) => Math.max(most, size), 0) / 7
  const heights = sizes.map((size) => (step === 0 ? 0 : Math.floor(size / step + 0.5)))
  const plane = (value: number) => packed(heights, (height) => (height & value) !== 0)
  return {
    code: packed(sides, (side) => side > 0),
    planes: [plane(1), plane(2), plane(4)],
    step,
    size: sizes.reduce((sum, size) => sum + size, 0),
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

function packed(values: Float64Array, isSet: (value: number) => boolean): BitCode {
  const bytes = new Uint8Array(Math.ceil(values.length / 8))
  values.forEach((value, bit) => {
    if (isSet(value)) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  })
  return { bits: values.length, bytes }
}
