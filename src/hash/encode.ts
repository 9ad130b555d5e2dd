import type { BitCode } from '../core/code.js'
import { LshError } from '../core/errors.js'
import { nearestCell } from './cells.js'
import { assertDims, centered } from './centered.js'
import type { BucketDirections, HashFamily } from './family.js'
import { project } from './project.js'

/** What a code table holds of each of several vectors. */
export interface Encoded {
  readonly codes: readonly BitCode[]
  readonly buckets: Int32Array
  /** Lengths of the vectors once the center of the family is subtracted; only of kinds that estimate distances. */
  readonly norms: Float32Array | null
  /** With which the inner product with y is about `scale * Σ ±<w_i, y>` (Gao and Long, SIGMOD 2024); likewise. */
  readonly scales: Float32Array | null
}

/** Rows that are centered and projected together; few enough to stay in the processor's cache. */
const block = 32

/**
 * Code, bucket and norm of vectors that stand one after the other. PostgreSQL adds in 4-byte floats:
 * a bit within 1e-5 of its threshold may differ from what `lsh.encode` gives; within more where
 * √bandwidth |x - center| exceeds 100, far beyond any calibrated bandwidth.
 */
export function encodeAll(family: HashFamily, vectors: Float32Array): Encoded {
  const { dims } = family
  const rows = vectors.length / dims
  if (!Number.isInteger(rows)) {
    throw new LshError(
      'LSH02',
      `${vectors.length} numbers are no whole number of vectors of ${dims} dimensions`,
      { hint: `Family "${family.name}" has ${dims} dimensions; put whole vectors end to end.` },
    )
  }
  const codes: BitCode[] = []
  const buckets = new Int32Array(rows)
  const estimates = family.kind === 'sign' || family.kind === 'itq'
  const norms = new Float32Array(estimates ? rows : 0)
  const scales = new Float32Array(norms.length)
  for (let from = 0; from < rows; from += block) {
    const part = vectors.subarray(from * dims, Math.min(from + block, rows) * dims)
    const { values, norms: lengths } = centered(family, part)
    const sides = codeMargins(family, values)
    codes.push(...codesOf(sides, family.bits))
    buckets.set(bucketsOf(family, values), from)
    if (estimates) {
      norms.set(lengths, from)
      scales.set(scalesOf(family, sides, lengths), from)
    }
  }
  return { codes, buckets, norms: estimates ? norms : null, scales: estimates ? scales : null }
}

/** Code of a vector: `lsh.encode`. */
export function encodeVector(family: HashFamily, x: Float32Array): BitCode {
  return codesOf(margins(family, x), family.bits)[0] as BitCode
}

/** Bucket of a vector, the number its levels spell or its cell: `lsh._bucket`. */
export function bucketOf(family: HashFamily, x: Float32Array): number {
  assertDims(family, x)
  return bucketsOf(family, centered(family, x).values)[0] as number
}

/**
 * `cos(<w, x> + b) + t`, or `<w, x> + t` for kinds without phases, for each code bit: its sign is the bit,
 * its size how sure the bit is.
 */
export function margins(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return codeMargins(family, centered(family, x).values)
}

/**
 * `<w, x> + t` for each slice of bucket directions: its sign is the side, its size the distance to the
 * other one. Cells have none.
 */
export function bucketMargins(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  const { bucket, dims } = family
  const { values } = centered(family, x)
  return bucket.kind === 'voronoi' ? new Float64Array(0) : bucketDistances(bucket, dims, values)
}

function codeMargins(family: HashFamily, vectors: Float64Array): Float64Array {
  const { dims, bits } = family
  const { weight, phase, threshold } = family.code
  const rows = vectors.length / dims
  const into = new Float64Array(rows * bits)
  project({ weight, dims, vectors, rows, into })
  for (let i = 0; i < into.length; i++) {
    const product = phase ? Math.cos(into[i]! + phase[i % bits]!) : into[i]!
    into[i] = product + threshold[i % bits]!
  }
  return into
}

function scalesOf(family: HashFamily, sides: Float64Array, norms: Float32Array): Float32Array {
  return norms.map((norm, row) => {
    let [sizes, squares] = [0, 0]
    for (let i = row * family.bits; i < (row + 1) * family.bits; i++) {
      sizes += Math.abs(sides[i]!)
      squares += sides[i]! ** 2
    }
    return sizes === 0 ? 0 : (family.kind === 'sign' ? norm ** 2 : squares) / sizes
  })
}

function bucketDistances(
  { weight, threshold }: BucketDirections,
  dims: number,
  vectors: Float64Array,
): Float64Array {
  const rows = vectors.length / dims
  const into = new Float64Array(rows * threshold.length)
  project({ weight, dims, vectors, rows, into })
  return into.map((product, i) => product + threshold[i % threshold.length]!)
}

function codesOf(all: Float64Array, bits: number): BitCode[] {
  const width = Math.ceil(bits / 8)
  return Array.from({ length: all.length / bits }, (_, row) => {
    const bytes = new Uint8Array(width)
    for (let bit = 0; bit < bits; bit++) {
      if (all[row * bits + bit]! > 0) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
    }
    return { bits, bytes }
  })
}

function bucketsOf(family: HashFamily, vectors: Float64Array): Int32Array {
  const { bucket, dims, levels } = family
  const rows = vectors.length / dims
  if (bucket.kind === 'voronoi') {
    return Int32Array.from({ length: rows }, (_, row) =>
      nearestCell(bucket, dims, vectors.subarray(row * dims, (row + 1) * dims)),
    )
  }
  const all = bucketDistances(bucket, dims, vectors)
  const slices = bucket.threshold.length
  return Int32Array.from({ length: rows }, (_, row) => {
    let number = 0
    for (let slice = 0; slice < slices; slice++) {
      if (all[row * slices + slice]! > 0) number += levels ** Math.floor(slice / (levels - 1))
    }
    return number
  })
}
