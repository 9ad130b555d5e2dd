import { bitCode, type BitCode } from '../core/code.js'
import { centered, assertDims } from './centered.js'
import {
  cellsOf,
  groupBounds,
  nearestCells,
  squaredDistances,
  upTo,
  type CellDistances,
} from './cells.js'
import { centresOf } from './centres.js'
import { bucketMarginsOf } from './encode.js'
import { bucketCount, type BucketCells, type BucketDirections, type HashFamily } from './family.js'
import { fastSigns } from './fast-signs.js'
import { keepDirections } from './multiply.js'
import { assertProbes, levelProbes, withinReach } from './probes.js'
import { describeMember, describeProducts, type QueryDescription } from './query.js'
import { squaresOf } from './scalar.js'

/** A hashed query. */
export interface HashedQuery {
  /** The buckets to visit, best first. */
  readonly buckets: Int32Array
  /** What codes are compared with. Kind residual has one code per bucket, kind scalar one size per bucket. */
  readonly by: QueryDescription | Located | Members
}

/** A query of kind scalar. */
export interface Located extends QueryDescription {
  /** For each bucket, the sum of the sizes of the margins and of the inner product with the centre. */
  readonly sizes: Float64Array
}

/** A query relative to the centre of each of its buckets. */
export interface Members {
  readonly codes: readonly BitCode[]
  /** For each bucket, the sum of the sizes of the margins. */
  readonly sizes: Float64Array
  /** Squared distances to the centres of the buckets. */
  readonly distances: Float64Array
  /** If hashed finely, the margins in each bucket. */
  readonly margins?: readonly QueryDescription[]
}

/**
 * Hashes one query after the other. The result is that of `describeQuery` and `probes` (for cells, those `withinReach`)
 * except for rounding, since products are summed in 4-byte floats.
 *
 * @throws LshError if the dimension of the query or the number of probes is invalid
 */
export type QueryHasher = (x: Float32Array, probes: number) => HashedQuery

/**
 * Returns a function that hashes queries for a family.
 *
 * @param finely adds the margins of the query in each bucket, for kind residual (Default: false)
 */
export function queryHasher(family: HashFamily, { finely = false } = {}): QueryHasher {
  const { bucket, bits, dims } = family
  const above = bucket.kind === 'voronoi' ? bucket.groups : bucket.weight
  const codes = fastSigns(family) ?? keepDirections(family.code.weight, dims)
  const firstStep = keepDirections(above, dims)
  const find = bucket.kind === 'voronoi' ? cellFinder(bucket, dims) : levelFinder(family, bucket)
  const squares = family.kind === 'scalar' ? squaresOf(bucket.weight, dims) : null
  return (x, probes) => {
    assertProbes(probes)
    assertDims(family, x)
    const { values } = centered(family, x)
    const products = codes.multiply(values)
    const found = find(values, firstStep.multiply(values), probes)
    const describe = () => describeProducts(family, products)
    if (bucket.kind !== 'voronoi') return { buckets: found, by: describe() }
    const far = squaredDistances(bucket.weight, found, values)
    const count = withinReach(far, bucketCount(family))
    const [buckets, distances] = [found.subarray(0, count), far.subarray(0, count)]
    if (squares)
      return { buckets, by: located(describe(), { values, squares, buckets, distances }) }
    if (!bucket.images) return { buckets, by: describe() }
    const members = { distances, ...membersOf(bucket.images, bits, products, buckets) }
    if (!finely) return { buckets, by: members }
    return { buckets, by: { ...members, margins: marginsOf(bucket.images, products, buckets) } }
  }
}

/** By `2 <c, q> = |q|² + |c|² - |q - c|²`. */
function located(
  query: QueryDescription,
  of: {
    values: Float32Array
    squares: Float64Array
    buckets: Int32Array
    distances: Float64Array
  },
): Located {
  const own = squaresOf(of.values, of.values.length)[0]!
  const sizes = of.distances.map(
    (distance, i) => query.size + (own + of.squares[of.buckets[i]!]! - distance) / 2,
  )
  return { ...query, sizes }
}

/** `lsh_internal.member_margins`. */
function marginsOf(
  images: Float32Array,
  products: Float32Array,
  buckets: Int32Array,
): QueryDescription[] {
  const bits = products.length
  return Array.from(buckets, (bucket) =>
    describeMember(products.map((product, bit) => product - images[bucket * bits + bit]!)),
  )
}

function membersOf(
  images: Float32Array,
  bits: number,
  products: Float32Array,
  buckets: Int32Array,
): Pick<Members, 'codes' | 'sizes'> {
  const width = Math.ceil(bits / 8)
  const codes: BitCode[] = []
  const sizes = new Float64Array(buckets.length)
  // Negated, so that the bit is the sign of a number: a branch would be mispredicted half the time.
  const negated = new Float32Array(8 * width)
  const signs = new Int32Array(negated.buffer)
  for (let i = 0; i < buckets.length; i++) {
    const first = buckets[i]! * bits
    let size = 0
    for (let bit = 0; bit < bits; bit++) {
      const margin = images[first + bit]! - products[bit]!
      negated[bit] = margin
      size += Math.abs(margin)
    }
    sizes[i] = size
    const bytes = new Uint8Array(width)
    for (let byte = 0, at = 0; byte < width; byte++) {
      let packed = 0
      for (const end = at + 8; at < end; at++) packed = (packed << 1) | (signs[at]! >>> 31)
      bytes[byte] = packed
    }
    codes.push(bitCode(bits, bytes))
  }
  return { codes, sizes }
}

/** Finds the best `n` buckets of a centered vector, given its products with the group centres or bucket directions. */
type BucketFinder = (x: Float32Array, products: Float32Array, n: number) => Int32Array

function levelFinder(family: HashFamily, bucket: BucketDirections): BucketFinder {
  return (_, products, n) => levelProbes(family, bucketMarginsOf(bucket, products), n)
}

function cellFinder({ parent, weight, groups }: BucketCells, dims: number): BucketFinder {
  // `|c|²/2 - <x, c>` orders centres as their distances do.
  const above = centresOf(groups, dims).halves
  const inside = centresOf(weight, dims).halves
  const numbers = upTo(above.length)
  const bounds = groupBounds(parent, above.length)
  const kept = keepDirections(weight, dims)

  return (x, groupProducts, n) => {
    const distances: CellDistances = {
      groups: { ordinals: numbers, distances: less(above, groupProducts) },
      offset: squaresOf(x, x.length)[0]! / 2,
      cells(chosen) {
        const { ordinals, ends } = cellsOf(bounds, chosen)
        const distances = new Float64Array(ordinals.length)
        chosen.forEach((group, i) => {
          const [first, end] = [bounds[group]!, bounds[group + 1]!]
          const products = kept.multiply(x, first, end)
          distances.set(less(inside.subarray(first, end), products), ends[i]! - products.length)
        })
        return { ordinals, distances }
      },
    }
    return Int32Array.from(nearestCells(distances, n))
  }
}

/** A loop, because `Float64Array.from` with a function takes several times as long. */
function less(halves: Float32Array, products: Float32Array): Float64Array {
  const distances = new Float64Array(halves.length)
  for (let i = 0; i < distances.length; i++) distances[i] = halves[i]! - products[i]!
  return distances
}
