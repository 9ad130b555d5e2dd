import { LshError } from '../core/errors.js'
import { endToEnd, vectorLength } from '../core/vector.js'
import { FAMILY_VERSION } from './assert-family.js'
import { drawBuckets } from './buckets.js'
import { cellAssigner } from './assign-cells.js'
import { leaveCentres } from './leave-centres.js'
import { calibrate } from './calibrate.js'
import { familyChecksum, type Cells, type HashFamily } from './family.js'
import type { CodeDirections } from './code-directions.js'
import { learnItq } from './itq.js'
import { learnScalar, MOST_BITS } from './learn-scalar.js'
import { multiply } from './multiply.js'
import { MOST_AXES } from './train-axes.js'
import { learnCells } from './voronoi.js'
import { KINDS, type FamilyKind } from './kinds.js'

export interface FitOptions {
  name: string
  /** (Default: 'kernel') */
  kind?: FamilyKind
  /**
   * How rows get their buckets: by learned cells, or by directions as `lsh.create_family` draws them. (Default:
   * 'directions'; kinds residual and scalar always have cells)
   */
  buckets?: 'directions' | 'voronoi'
  /** Cells of voronoi buckets. (Default: `rows` / 72, from 16 to 16384) */
  cells?: number
  /** q of a qary family, 3 to 16. (Default: 4) */
  levels?: number
  /** Length of the codes. (Default: 512) */
  bits?: number
  /** (Default: 1) */
  seed?: number
  /** gamma; not for kinds that estimate distances. (Default: calibrated on the sample) */
  bandwidth?: number
  /** Number of bucket directions. (Default: so many that a bucket has about 8 of `rows`) */
  bucketBits?: number
  /** Number of vectors that the sample represents. (Default: the size of the sample) */
  rows?: number
  /** Directions trained elsewhere, for vectors less their mean. (Default: drawn or learned, depending on the kind) */
  code?: CodeDirections
}

/**
 * Fits a hash family to a sample of vectors: draws it as `lsh.create_family` does, or learns it if its kind is learned.
 *
 * @throws LshError `LSH03` for fewer than two vectors, `bad_usage` for options out of range.
 */
export function fitFamily(sample: readonly Float32Array[], options: FitOptions): HashFamily {
  const { name, kind = 'kernel', bits = 512, seed = 1, rows = sample.length } = options
  const center = meanOf(sample)
  const dims = center.length
  const levels = kind === 'qary' ? (options.levels ?? 4) : 2
  const scaleFree = KINDS[kind].estimates
  assertBits(bits)
  if (kind === 'qary') assertRange('a quantiser must have 3 to 16 levels', levels, 3, 16)
  if (kind === 'itq') assertRange('itq has at most as many bits as dimensions', bits, 16, dims)
  if (kind === 'scalar') {
    const most = MOST_BITS * Math.min(dims, MOST_AXES)
    assertRange(`vectors of ${dims} dimensions have at most ${most} scalar bits`, bits, 16, most)
  }
  if (scaleFree && options.bandwidth !== undefined) {
    throw new LshError('bad_usage', `a family of kind "${kind}" has no bandwidth`, {
      hint: 'Leave it out: the sides of a hyperplane have no scale.',
    })
  }
  if (kind !== 'sign') assertLengths(sample)
  const bandwidth = scaleFree
    ? 1
    : (options.bandwidth ?? calibrate(sample, 50, kind).bandwidth ?? 1)
  const moved = () => sample.map((vector) => vector.map((value, d) => value - center[d]!))
  const cells = KINDS[kind].withinCells || options.buckets === 'voronoi' ? learnedCells() : null
  const code = options.code ?? drawOrLearn()
  const family = {
    name,
    kind,
    dims,
    bits,
    levels,
    seed,
    bandwidth: scaleFree ? null : bandwidth,
    version: FAMILY_VERSION,
    center,
    code,
    bucket: cells
      ? {
          ...cells,
          images: kind === 'residual' ? multiply(cells.weight, code.weight, dims) : null,
        }
      : drawBuckets(
          sample,
          center,
          directionCount(options.bucketBits, rows, dims, levels),
          seed,
          levels,
        ),
  }
  return { ...family, checksum: familyChecksum(family) }

  function drawOrLearn(): CodeDirections {
    const { draw } = KINDS[kind]
    if (draw) return draw({ dims, bits, seed, bandwidth, levels })
    return kind === 'itq'
      ? learnItq(moved(), bits, seed)
      : learnScalar(rests(cells as Cells), bits, seed)
  }

  function learnedCells() {
    return learnCells(endToEnd(moved()), { cells: cellCount(options.cells, rows), seed, dims })
  }

  function rests(cells: Cells): Float32Array[] {
    const values = endToEnd(moved())
    const lengths = leaveCentres(values, cells.weight, cellAssigner(cells, dims)(values))
    // With as many cells as rows, all lengths are 0 and do not show the scale of other vectors.
    if (lengths.every((length) => length === 0)) return moved()
    return sample.map((_, row) => values.subarray(row * dims, (row + 1) * dims))
  }
}

/**
 * Refuses longer vectors: `centered` scales them, which changes everything but the sides of hyperplanes.
 * `lsh_internal.assert_lengths`.
 */
function assertLengths(sample: readonly Float32Array[]): void {
  const longest = sample.reduce((most, vector) => Math.max(most, vectorLength(vector)), 0)
  if (longest < 5e17) return
  throw new LshError(
    'bad_input',
    `vectors of length ${longest} have squares that 4-byte numbers cannot hold`,
    {
      hint: 'Scale the vectors so that neighbours are about 1 apart, or use kind "sign", which has no scale.',
    },
  )
}

/** About 72 rows per cell: finer cells follow neighbourhoods more closely, but more cells take longer to search. */
function cellCount(wanted: number | undefined, rows: number): number {
  const cells = wanted ?? Math.max(16, Math.min(16384, Math.round(rows / 72)))
  assertRange('a family has 1 to 65536 cells', cells, 1, 65536)
  return cells
}

/** About 8 rows per bucket, and at most one direction per dimension: `lsh_internal.bucket_count`. */
function directionCount(
  wanted: number | undefined,
  rows: number,
  dims: number,
  levels: number,
): number {
  const most = (buckets: number) => Math.floor(Math.log2(buckets) / Math.log2(levels) + 1e-9)
  const fit = Math.round(Math.log2(Math.max(rows, 1) / 8) / Math.log2(levels))
  const count = wanted ?? Math.min(most(16384), dims, Math.max(0, fit))
  assertRange(
    'a family must have 0 to 16 bucket bits, no more than dimensions',
    count,
    0,
    Math.min(most(65536), dims),
  )
  return count
}

/** Mean of vectors, rounded to 4 bytes as families store it. */
export function meanOf(sample: readonly Float32Array[]): Float32Array {
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
        hint: 'Use vectors of one encoder.',
      })
    }
    for (let d = 0; d < dims; d++) sums[d]! += vector[d]!
  }
  return Float32Array.from(sums, (sum) => sum / sample.length)
}

/** Refuses a code length that no family can have. */
export function assertBits(bits: number): void {
  assertRange('a family must have 16 to 8192 bits', bits, 16, 8192)
}

function assertRange(rule: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new LshError('bad_usage', `${rule}, not ${value}`, {
    hint: 'Leave it out for a value that suits most data.',
  })
}
