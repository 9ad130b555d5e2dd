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

/** Bucket of a vector, the number of its levels or of its cell: `lsh_internal.bucket`. */
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
 * The margin of each code bit: `cos(<w, x> + b) + t`, or `<w, x> + t` for kinds without phases. Its sign is the bit,
 * its size how certain the bit is. In kind scalar, the distance to the point where the bit changes.
 */
export function margins(family: HashFamily, x: Float32Array): Float64Array {
  return codeMarginsOf(family, codeProducts(family, x))
}

/**
 * Inner products of the hashed vector (less the center or the centre of its cell) with the code directions, summed in
 * double precision.
 */
export function codeProducts(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return projected(family.code.weight, restOf(family, x))
}

/** Inner products of the vector less the center of the family with the code directions, in double precision. */
export function centeredProducts(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return projected(family.code.weight, centered(family, x).values)
}

/**
 * The vector less the center of the family and, if codes are within cells, less the centre of its cell:
 * `lsh_internal.rest`.
 */
function restOf(family: HashFamily, x: Float32Array): Float32Array {
  const { kind, dims, bucket } = family
  const { values } = centered(family, x)
  if (!KINDS[kind].withinCells || bucket.kind !== 'voronoi') return values
  const first = nearestCell(bucket, values) * dims
  return values.map((value, d) => value - bucket.weight[first + d]!)
}

/** The margins for given products with the code directions. */
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
 * `<w, x> + t` for each slice of the bucket directions: its sign is the side, its size the distance to the other side.
 * Empty for cells.
 */
export function bucketMargins(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  const { bucket } = family
  if (bucket.kind === 'voronoi') return new Float64Array(0)
  return bucketMarginsOf(bucket, projected(bucket.weight, centered(family, x).values))
}

/** The margins for given products with the bucket directions. */
export function bucketMarginsOf(
  { threshold }: BucketDirections,
  products: ArrayLike<number>,
): Float64Array {
  return threshold.map((t, i) => products[i]! + t)
}

/** Inner products, summed in double precision, unlike `multiply`. */
function projected(weight: Float32Array, x: Float32Array): Float64Array {
  const products = new Float64Array(weight.length / x.length)
  for (let i = 0, at = 0; i < products.length; i++) {
    let sum = 0
    for (let d = 0; d < x.length; d++, at++) sum += weight[at]! * x[d]!
    products[i] = sum
  }
  return products
}
