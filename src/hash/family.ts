import { createHash } from 'node:crypto'
import { LshError } from '../core/errors.js'

/** Where code bits come from: bit i is 1 where `cos(<w_i, x - center> + phase_i) + threshold_i > 0`. */
export interface CodeDirections {
  /** One direction after the other, `bits * dims`. */
  readonly weight: Float32Array
  readonly phase: Float64Array
  readonly threshold: Float64Array
}

/** Where buckets come from: bit j is 1 where `<w_j, x - center> + threshold_j > 0`. */
export interface BucketDirections {
  /** One direction after the other, as many as there are thresholds. */
  readonly weight: Float32Array
  readonly threshold: Float64Array
}

/** What `lsh.family` and `lsh.projection` hold of a hash family. Never changed once made. */
export interface HashFamily {
  readonly name: string
  readonly kind: 'kernel'
  readonly dims: number
  readonly bits: number
  readonly seed: number
  /** gamma of the kernel `exp(-gamma |x - y|² / 2)`. */
  readonly bandwidth: number
  /** Version of the algorithm that drew the directions. */
  readonly version: number
  /** sha256 in hex, as `familyChecksum` computes it. */
  readonly checksum: string
  /** Subtracted before projecting. */
  readonly center: Float32Array
  readonly code: CodeDirections
  readonly bucket: BucketDirections
}

/** sha256 in hex over everything that decides a code or a bucket: `lsh.family_checksum`. */
export function familyChecksum(family: Omit<HashFamily, 'checksum'>): string {
  const { kind, dims, bits, version, bandwidth, center, code, bucket } = family
  const hash = createHash('sha256')
    .update(`${kind}|${dims}|${bits}|${version}|`)
    .update(sentFloats(bandwidth))
    .update(sentVector(center))
  code.threshold.forEach((threshold, i) => {
    const weight = code.weight.subarray(i * dims, (i + 1) * dims)
    hash.update(sentVector(weight)).update(sentFloats(code.phase[i] as number, threshold))
  })
  bucket.threshold.forEach((threshold, i) => {
    const weight = bucket.weight.subarray(i * dims, (i + 1) * dims)
    hash.update(sentVector(weight)).update(sentFloats(0, threshold))
  })
  return hash.digest('hex')
}

/** Refuses a family whose parts do not fit together, or that is not what its checksum says. */
export function assertFamily(family: HashFamily): void {
  const { name, dims, bits, center, code, bucket } = family
  const sizes: [string, number, number][] = [
    ['center', center.length, dims],
    ['code weights', code.weight.length, bits * dims],
    ['phases', code.phase.length, bits],
    ['code thresholds', code.threshold.length, bits],
    ['bucket weights', bucket.weight.length, bucket.threshold.length * dims],
  ]
  for (const [part, actual, expected] of sizes) {
    if (actual !== expected) refuse(`hash family "${name}" has ${actual} ${part}, not ${expected}`)
  }
  const actual = familyChecksum(family)
  if (actual !== family.checksum) {
    const [computed, recorded] = [actual.slice(0, 12), family.checksum.slice(0, 12)]
    refuse(`hash family "${name}" has checksum ${computed}, its record says ${recorded}`)
  }
}

function refuse(problem: string): never {
  throw new LshError('bad_input', problem, {
    hint: 'The stored family was changed or damaged: restore it, or create a new one.',
  })
}

/** As PostgreSQL's `float8send` writes them. */
function sentFloats(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, i) => bytes.writeDoubleBE(value, 8 * i))
  return bytes
}

/** As pgvector's `vector_send` writes it: dimension and a reserved 0 in two bytes each, then the elements. */
function sentVector(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + 4 * vector.length)
  bytes.writeInt16BE(vector.length, 0)
  vector.forEach((value, i) => bytes.writeFloatBE(value, 4 + 4 * i))
  return bytes
}
