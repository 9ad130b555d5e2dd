import { random } from '../core/random.js'

/** The directions of largest variance. */
export interface PrincipalAxes {
  readonly mean: Float64Array
  /** Orthonormal, in descending order of variance. */
  readonly axes: readonly Float64Array[]
  /** Share of the variance along each axis. */
  readonly explained: readonly number[]
}

/** Directions in the iteration: more than requested, which separates these from the next ones. */
const FOLLOWED = 6
const ROUNDS = 30

/**
 * The first principal axes of a sample, by subspace iteration. It multiplies by the sample instead of the covariance,
 * whose size is the square of the dimension. The sign of an axis makes its largest element positive.
 */
export function principalAxes(vectors: readonly Float32Array[], count: number): PrincipalAxes {
  const dims = vectors[0]?.length ?? 0
  const mean = new Float64Array(dims)
  for (const vector of vectors) add(mean, vector, 1 / vectors.length)
  const centered = vectors.map((vector) =>
    Float64Array.from(vector, (value, d) => value - mean[d]!),
  )
  const total = centered.reduce((sum, row) => sum + dot(row, row), 0)
  const source = random(1)
  let axes: Float64Array[] = Array.from({ length: Math.min(dims, FOLLOWED) }, () =>
    Float64Array.from({ length: dims }, () => source.normal()),
  )
  for (let round = 0; round < ROUNDS; round++)
    axes = atRightAngles(axes.map((axis) => throughSample(centered, axis)))
  const found = axes
    .map((axis) => ({ axis: upright(axis), variance: dot(axis, throughSample(centered, axis)) }))
    .sort((a, b) => b.variance - a.variance)
    .slice(0, count)
  return {
    mean,
    axes: found.map(({ axis }) => axis),
    explained: found.map(({ variance }) => (total > 0 ? variance / total : 0)),
  }
}

/** The covariance times an axis, up to a factor. */
function throughSample(rows: readonly Float64Array[], axis: Float64Array): Float64Array {
  const product = new Float64Array(axis.length)
  for (const row of rows) add(product, row, dot(row, axis))
  return product
}

/** Gram–Schmidt; axes that vanish, because the sample has fewer dimensions, stay zero. */
function atRightAngles(axes: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = []
  for (const axis of axes) {
    for (const other of done) add(axis, other, -dot(axis, other))
    const length = Math.sqrt(dot(axis, axis))
    done.push(length > 1e-12 ? axis.map((value) => value / length) : axis.fill(0))
  }
  return done
}

function upright(axis: Float64Array): Float64Array {
  const greatest = axis.reduce(
    (most, value) => (Math.abs(value) > Math.abs(most) ? value : most),
    0,
  )
  return greatest < 0 ? axis.map((value) => -value) : axis
}

function add(sum: Float64Array, vector: ArrayLike<number>, factor: number): void {
  for (let d = 0; d < sum.length; d++) sum[d]! += factor * vector[d]!
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!
  return sum
}
