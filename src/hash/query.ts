import { bitCode, type BitCode } from '../core/code.js'
import { vectorLength } from '../core/vector.js'
import { assertFamilyObject } from './centered.js'
import { centeredProducts, codeMarginsOf, codeProducts } from './encode.js'
import type { HashFamily } from './family.js'
import { KINDS } from './kinds.js'

/** A query in the form that ranks codes: `lsh_internal.described`. */
export interface QueryDescription {
  /** Code of the query; for kind scalar, the signs of its products with the directions. */
  readonly code: BitCode
  /**
   * Sizes of the margins (for kind scalar, of the products) in steps, bit-sliced: plane i holds the bits of value 2^i.
   */
  readonly planes: readonly BitCode[]
  /** Value of one step of a margin. */
  readonly step: number
  /** Sum of the sizes of the margins. */
  readonly size: number
}

/** Hashes a query for ranking: its code, and how certain each bit is. */
export function describeQuery(family: HashFamily, x: Float32Array): QueryDescription {
  assertFamilyObject(family)
  const products = family.kind === 'scalar' ? centeredProducts : codeProducts
  return describeProducts(family, products(family, x))
}

/** Describes a query by its products with the code directions. */
export function describeProducts(
  family: HashFamily,
  products: ArrayLike<number>,
): QueryDescription {
  const margins =
    family.kind === 'scalar' ? Float64Array.from(products) : codeMarginsOf(family, products)
  return describeMargins(margins, KINDS[family.kind].planes)
}

/** Describes a query by its margins, which are positive for bits that are set. */
export function describeMargins(margins: Float64Array, count = 3): QueryDescription {
  const most = margins.reduce((longest, margin) => Math.max(longest, Math.abs(margin)), 0)
  return describeInSteps(margins, count, most / (2 ** count - 1))
}

/**
 * Step of the margins of a query in a cell, in standard deviations: fifteen equal levels represent a normal variable best
 * at about this step. `lsh_internal.margin_step`.
 */
const MEMBER_STEP = 0.35

/** Describes a query by its margins in a cell; larger ones than seven steps count as seven. */
export function describeMember(margins: Float32Array): QueryDescription {
  return describeInSteps(
    margins,
    3,
    (MEMBER_STEP * vectorLength(margins)) / Math.sqrt(margins.length),
  )
}

function describeInSteps(
  margins: Float32Array | Float64Array,
  count: number,
  step: number,
): QueryDescription {
  const bits = margins.length
  const most = 2 ** count - 1
  let size = 0
  const width = Math.ceil(bits / 8)
  const code = new Uint8Array(width)
  const planes = Array.from({ length: count }, () => new Uint8Array(width))
  for (let bit = 0; bit < bits; bit++) {
    const margin = margins[bit]!
    const height = step === 0 ? 0 : Math.min(most, Math.floor(Math.abs(margin) / step + 0.5))
    size += Math.abs(margin)
    const [byte, mask] = [bit >> 3, 0x80 >> (bit & 7)]
    if (margin > 0) code[byte]! |= mask
    for (let power = 0; power < count; power++)
      if ((height >> power) & 1) planes[power]![byte]! |= mask
  }
  return {
    code: bitCode(bits, code),
    planes: planes.map((bytes) => bitCode(bits, bytes)),
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
 * Estimated squared distance, less that of the query to the center: `norm² - 2 <x, y>`, where the inner product is an
 * unbiased estimate from the code (RaBitQ; Gao and Long, SIGMOD 2024).
 *
 * @param beside for kind scalar, the inner product of the query with the centre of the row's cell
 */
export function estimatedDistance(
  query: QueryDescription,
  row: { code: BitCode; norm: number; scale: number },
  beside = 0,
): number {
  const product = row.scale * (query.size - 2 * asymmetricHamming(query, row.code))
  return row.norm ** 2 - 2 * (beside + product)
}
