import type { BitCode } from '../core/code.js'
import { LshError } from '../core/errors.js'
import { assertDims, centered } from './centered.js'
import type { HashFamily } from './family.js'
import { project } from './project.js'

/** What a code table holds of each of several vectors. */
export interface Encoded {
  readonly codes: readonly BitCode[]
  readonly buckets: Int32Array
  /** Lengths of the vectors once the center of the family is subtracted. */
  readonly norms: Float32Array
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
  const norms = new Float32Array(rows)
  for (let from = 0; from < rows; from += block) {
    const part = vectors.subarray(from * dims, Math.min(from + block, rows) * dims)
    const { values, norms: lengths } = centered(family, part)
    norms.set(lengths, from)
    codes.push(...codesOf(codeMargins(family, values), family.bits))
    buckets.set(bucketsOf(bucketDistances(family, values), lengths.length), from)
  }
  return { codes, buckets, norms }
}

/** Code of a vector: `lsh.encode`. */
export function encodeVector(family: HashFamily, x: Float32Array): BitCode {
  return codesOf(margins(family, x), family.bits)[0] as BitCode
}

/** Bucket of a vector, one balanced sign bit for each bucket direction: `lsh._bucket`. */
export function bucketOf(family: HashFamily, x: Float32Array): number {
  return bucketsOf(bucketMargins(family, x), 1)[0] as number
}

/** `cos(<w, x> + b) + t` for each code bit: its sign is the bit, its size how sure the bit is. */
export function margins(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return codeMargins(family, centered(family, x).values)
}

/** `<w, x> + t` for each bucket bit: its sign is the bit, its size the distance to the other side. */
export function bucketMargins(family: HashFamily, x: Float32Array): Float64Array {
  assertDims(family, x)
  return bucketDistances(family, centered(family, x).values)
}

function codeMargins(family: HashFamily, vectors: Float64Array): Float64Array {
  const { dims, bits } = family
  const { weight, phase, threshold } = family.code
  const rows = vectors.length / dims
  const into = new Float64Array(rows * bits)
  project({ weight, dims, vectors, rows, into })
  for (let i = 0; i < into.length; i++) {
    into[i] = Math.cos(into[i]! + phase[i % bits]!) + threshold[i % bits]!
  }
  return into
}

function bucketDistances(family: HashFamily, vectors: Float64Array): Float64Array {
  const { dims } = family
  const { weight, threshold } = family.bucket
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

function bucketsOf(all: Float64Array, rows: number): Int32Array {
  const bits = all.length / rows
  return Int32Array.from({ length: rows }, (_, row) => {
    let bucket = 0
    for (let bit = 0; bit < bits; bit++) if (all[row * bits + bit]! > 0) bucket |= 1 << bit
    return bucket
  })
}
