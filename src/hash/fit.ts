import { LshError } from '../core/errors.js'
import { drawBuckets } from './buckets.js'
import { calibrate } from './calibrate.js'
import { familyChecksum, type HashFamily } from './family.js'
import { drawKernel } from './kernel.js'

export interface FitOptions {
  name: string
  /** Length of the codes. (Default: 512) */
  bits?: number
  /** (Default: 1) */
  seed?: number
  /** gamma of the kernel. (Default: calibrated on the sample) */
  bandwidth?: number
  /** Vectors fall into 2^bucketBits buckets. (Default: about 8 of `rows` a bucket) */
  bucketBits?: number
  /** How many vectors there are. (Default: those of the sample) */
  rows?: number
}

/** Draws a hash family for the vectors that a sample stands for, as `lsh.create_family` does. */
export function fitFamily(sample: readonly Float32Array[], options: FitOptions): HashFamily {
  const { name, bits = 512, seed = 1, rows = sample.length } = options
  const center = meanOf(sample)
  const dims = center.length
  const bandwidth = options.bandwidth ?? calibrate(sample).bandwidth ?? 1
  const bucketBits = options.bucketBits ?? defaultBucketBits(rows, dims)
  assertRange('a family has 16 to 8192 bits', bits, 16, 8192)
  assertRange(
    'a family has 0 to 16 bucket bits, no more than dimensions',
    bucketBits,
    0,
    Math.min(16, dims),
  )
  const family = {
    name,
    kind: 'kernel' as const,
    dims,
    bits,
    seed,
    bandwidth,
    version: 1,
    center,
    code: drawKernel({ dims, bits, seed, bandwidth }),
    bucket: drawBuckets(sample, center, bucketBits, seed),
  }
  return { ...family, checksum: familyChecksum(family) }
}

/** About 8 rows a bucket, and never more bits than directions. */
function defaultBucketBits(rows: number, dims: number): number {
  return Math.min(14, dims, Math.max(0, Math.round(Math.log2(Math.max(rows, 1) / 8))))
}

function meanOf(sample: readonly Float32Array[]): Float32Array {
  if (sample.length < 2) {
    throw new LshError('LSH03', 'the sample holds fewer than two vectors', {
      hint: 'A family is calibrated on its data: fit it on more of them.',
    })
  }
  const dims = sample[0]?.length ?? 0
  const sums = new Float64Array(dims)
  for (const vector of sample) {
    if (vector.length !== dims) {
      throw new LshError('LSH02', `vector has ${vector.length} dimensions, the first has ${dims}`, {
        hint: 'Take the vectors of one encoder.',
      })
    }
    for (let d = 0; d < dims; d++) sums[d]! += vector[d]!
  }
  return Float32Array.from(sums, (sum) => sum / sample.length)
}

function assertRange(rule: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new LshError('bad_usage', `${rule}, not ${value}`, {
    hint: 'Leave it out for a value that suits most data.',
  })
}
