import { bitCode, type BitCode } from '../core/code.js'
import { nearestCell } from './cells.js'
import { assertDims, centered } from './centered.js'
import { levelMargin } from './scalar.js'
import { type BucketDirections, type HashFamily } from './family.js'
import { KINDS } from './kinds.js'

/** Code of a vector: `lsh.encode`. */
export function encodeVector(family: HashFamily, x: Float32Array): BitCode {
  const sure = margins(family, x)
  const bytes = new Uint8Array(Math.ceil(family.bits / 8))
  sure.forEach((margin, bit) => {
    if (margin > 0) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  })
  return bitCode(family.bits, bytes)
}

/** Bucket of a vector, the number its levels spell or its cell: `lsh_internal.bucket`. */
export function bucketOf(family: HashFamily, x: Float32Array): number {
  const { bucket, levels } = family
  if (bucket.kind === 'voronoi') {
    assertDims(family, x)
    return nearestCell(bucket, centered(family, x).values)
  }
  return bucketMargins(family, x).reduce((number, margin, slice) => {
    return margin > 0 ? number + levels ** Math.floor(slice / (levels - 1)) : number
  }, 0)
}

/**
 * `cos(<w, x> + b) + t`, or `<w, x> + t` for kinds without phases, for each code bit: its sign is the bit,
 * its size how sure the bit is. Of kind scalar the distance to where the bit changes.
 */
export function margins(family: HashFamily, x: Float32Array): Float64Array {
  return codeMarginsOf(family, codeProducts(family, x))
}

/** Inner products of what is hashed with the code directions, summed in double precision. */
export function codeProducts(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return projected(family.code.weight, restOf(family, x))
}

/** The same of a vector less the center of the family alone. */
export function centeredProducts(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return projected(family.code.weight, centered(family, x).values)
}

/** What of a vector is hashed: less the center of the family and, of codes within cells, that of its cell: `lsh_internal.rest`. */
function restOf(family: HashFamily, x: Float32Array): Float32Array {
  const { kind, dims, bucket } = family
  const { values } = centered(family, x)
  if (!KINDS[kind].withinCells || bucket.kind !== 'voronoi') return values
  const first = nearestCell(bucket, values) * dims
  return values.map((value, d) => value - bucket.weight[first + d]!)
}

/** The margins of products with the code directions. */
export function codeMarginsOf({ code }: HashFamily, products: ArrayLike<number>): Float64Array {
  const { phase, threshold, top } = code
  const margins = new Float64Array(threshold.length)
  for (let i = 0; i < margins.length; i++) {
    const product = products[i]!
    margins[i] = top
      ? levelMargin(product, phase![i]!, i - top[i]!)
      : (phase ? Math.cos(product + phase[i]!) : product) + threshold[i]!
  }
  return margins
}

/**
 * `<w, x> + t` for each slice of bucket directions: its sign is the side, its size the distance to the
 * other one. Cells have none.
 */
export function bucketMargins(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  const { bucket } = family
  if (bucket.kind === 'voronoi') return new Float64Array(0)
  return bucketMarginsOf(bucket, projected(bucket.weight, centered(family, x).values))
}

/** The same of products with the bucket directions. */
export function bucketMarginsOf(
  { threshold }: BucketDirections,
  products: ArrayLike<number>,
): Float64Array {
  return threshold.map((t, i) => products[i]! + t)
}

/** Summed in double precision, unlike `multiply`. */
function projected(weight: Float32Array, x: Float32Array): Float64Array {
  const products = new Float64Array(weight.length / x.length)
  for (let i = 0, at = 0; i < products.length; i++) {
    let sum = 0
    for (let d = 0; d < x.length; d++, at++) sum += weight[at]! * x[d]!
    products[i] = sum
  }
  return products
}
