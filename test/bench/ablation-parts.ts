import { random } from '../../src/core/random.js'
import { endToEnd, vectorDistance } from '../../src/core/vector.js'
import type { CodeDirections } from '../../src/hash/code-directions.js'
import { rotationRows } from '../../src/hash/directions.js'
import { drawCosine } from '../../src/hash/kernel.js'
import { multiply } from '../../src/hash/multiply.js'
import { principalAxes } from '../../src/hash/train-axes.js'

/** Alternatives to independent directions, random phases and thresholds of 0. */
export type Part =
  | 'orthogonal'
  | 'quasi-random'
  | 'even phases'
  | 'balanced thresholds'
  | 'chosen from a pool'
  | 'rotated to whiten'
  | 'local bandwidths'

export const PARTS: readonly Part[] = [
  'orthogonal',
  'quasi-random',
  'even phases',
  'balanced thresholds',
  'chosen from a pool',
  'rotated to whiten',
  'local bandwidths',
]

interface Data {
  readonly sample: readonly Float32Array[]
  readonly center: Float32Array
  readonly bits: number
  readonly seed: number
  readonly bandwidth: number
}

/** Size of the pool as a multiple of the number of bits. */
const POOL = 8
const GOLDEN = (Math.sqrt(5) - 1) / 2

/** Directions drawn with some of the parts. */
export function directionsBy(parts: readonly Part[], data: Data): CodeDirections {
  const { bits, sample, center } = data
  const dims = center.length
  const has = (part: Part) => parts.includes(part)
  const count = has('chosen from a pool') ? POOL * bits : bits
  const drawn = drawCosine({ ...data, dims, bits: count })
  const normal = has('quasi-random') ? quasiRandom(data, count) : drawn.weight
  if (has('local bandwidths')) scaleByRadii(normal, data)
  const weight = has('orthogonal') ? orthogonal(normal, dims, data.seed) : normal
  const moved = endToEnd(sample.map((vector) => vector.map((value, d) => value - center[d]!)))
  const turned = has('rotated to whiten') ? whitened(weight, moved, dims, data.seed) : weight
  const phase = has('even phases')
    ? Float64Array.from({ length: count }, (_, bit) => 2 * Math.PI * ((bit * GOLDEN) % 1) - Math.PI)
    : drawn.phase!
  const cosines = multiply(turned, moved, dims).map((product, i) =>
    Math.cos(product + phase[Math.floor(i / sample.length)]!),
  )
  const rowsOf = (bit: number) => cosines.subarray(bit * sample.length, (bit + 1) * sample.length)
  const threshold = has('balanced thresholds')
    ? Float64Array.from({ length: count }, (_, bit) => -rowsOf(bit).toSorted()[sample.length >> 1]!)
    : new Float64Array(count)
  const all = { weight: turned, phase, threshold }
  return count === bits
    ? all
    : chosen(all, data, (bit, row) => rowsOf(bit)[row]! + threshold[bit]! > 0)
}

/**
 * Normal directions from an additive recurrence by the powers of the root of x^(d+1) = x + 1, the generalised golden ratio,
 * whose points fill the cube evenly; two of its coordinates make two normal numbers (Box and Muller).
 */
function quasiRandom({ center, seed, bandwidth }: Data, count: number): Float32Array {
  const dims = center.length
  let root = 2
  for (let step = 0; step < 50; step++) root = (1 + root) ** (1 / (dims + 2))
  const source = random(seed)
  const starts = Float64Array.from({ length: dims + 1 }, () => source.uniform())
  const weight = new Float32Array(count * dims)
  for (let bit = 0; bit < count; bit++) {
    const coordinate = (d: number) => (starts[d]! + bit * (1 / root) ** (d + 1)) % 1
    for (let d = 0; d < dims; d += 2) {
      const length = Math.sqrt(-2 * bandwidth * Math.log(1 - coordinate(d)))
      const angle = 2 * Math.PI * coordinate(d + 1)
      weight[bit * dims + d] = length * Math.cos(angle)
      if (d + 1 < dims) weight[bit * dims + d + 1] = length * Math.sin(angle)
    }
  }
  return weight
}

/** Gives each direction a bandwidth by the distance of some row to its 50th neighbour, in place of the median distance. */
function scaleByRadii(weight: Float32Array, { sample, seed, center }: Data): void {
  const source = random(seed)
  const radii = Float64Array.from({ length: 200 }, () => {
    const anchor = sample[source.integer(0, sample.length - 1)]!
    return Float64Array.from(sample, (row) => vectorDistance(row, anchor)).sort()[50]!
  })
  const median = radii.toSorted()[radii.length >> 1]!
  for (let at = 0; at < weight.length; at++)
    weight[at]! *= median / radii[Math.floor(at / center.length) % radii.length]!
}

/** Directions that are orthogonal within blocks, with the lengths of the drawn ones. */
function orthogonal(weight: Float32Array, dims: number, seed: number): Float32Array {
  const count = weight.length / dims
  const rows = rotationRows(dims, count, seed)
  return rows.map((value, i) => {
    const at = Math.floor(i / dims) * dims
    return value * lengthOf(weight.subarray(at, at + dims))
  })
}

function lengthOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}

/** Directions with axes weighted by variance to the power -1/4, so that small axes count more; same mean length. */
function whitened(
  weight: Float32Array,
  moved: Float32Array,
  dims: number,
  seed: number,
): Float32Array {
  const learned = Int32Array.from({ length: moved.length / dims }, (_, row) => row)
  const axes = principalAxes({ dims, values: moved, learned, seed })
  const kept = axes.length / dims
  const products = multiply(axes, moved, dims)
  const factors = Float64Array.from({ length: kept }, (_, axis) => {
    const own = products.subarray(axis * learned.length, (axis + 1) * learned.length)
    return lengthOf(own) ** -0.5
  })
  const mean = Math.sqrt(factors.reduce((sum, one) => sum + one * one, 0) / kept)
  const out = new Float32Array(weight.length)
  const count = weight.length / dims
  for (let bit = 0; bit < count; bit++)
    for (let axis = 0; axis < kept; axis++) {
      // The elements of the drawn direction become coefficients of the axes.
      const along = (weight[bit * dims + axis]! * factors[axis]!) / mean
      for (let d = 0; d < dims; d++) out[bit * dims + d]! += along * axes[axis * dims + d]!
    }
  return out
}

/** The bits of the pool with most information on whether a pair of the sample is near. */
function chosen(
  { weight, phase, threshold }: CodeDirections,
  { sample, center, bits, seed }: Data,
  isSet: (bit: number, row: number) => boolean,
): CodeDirections {
  const pairs = pairsOf(sample, seed)
  const count = threshold.length
  const scores = Float64Array.from({ length: count }, (_, bit) => {
    const [near, far] = pairs.map(
      (some) => some.filter(([a, b]) => isSet(bit, a) !== isSet(bit, b)).length / some.length,
    )
    return information(near!, far!)
  })
  const best = Array.from(scores.keys())
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, bits)
  const dims = center.length
  return {
    weight: endToEnd(best.map((bit) => weight.subarray(bit * dims, (bit + 1) * dims))),
    phase: Float64Array.from(best, (bit) => phase![bit]!),
    threshold: Float64Array.from(best, (bit) => threshold[bit]!),
  }
}

/** Mutual information in bits of "the pair is near" and "the bit differs", from its rates for near and far pairs. */
function information(near: number, far: number): number {
  const entropy = (p: number) =>
    p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p)
  return entropy((near + far) / 2) - (entropy(near) + entropy(far)) / 2
}

/** Near pairs (ranks 1 to 10) and pairs a little farther apart (ranks 50 to 150). */
function pairsOf(sample: readonly Float32Array[], seed: number): [number, number][][] {
  const source = random(seed)
  const [near, far]: [[number, number][], [number, number][]] = [[], []]
  for (let anchor = 0; anchor < Math.min(200, sample.length); anchor++) {
    const distances = Float64Array.from(sample, (row) => vectorDistance(row, sample[anchor]!))
    const order = Array.from(distances.keys()).sort((a, b) => distances[a]! - distances[b]!)
    for (let rank = 1; rank <= 10; rank++) {
      near.push([anchor, order[rank]!])
      far.push([anchor, order[source.integer(50, 150)]!])
    }
  }
  return [near, far]
}
