import { random } from '../core/random.js'
import { drawKernel } from './kernel.js'
import type { CodeDirections } from './code-directions.js'
import { pairBatches } from './train-pairs.js'
import type { Agreement } from './train-agreement.js'
import type { TrainedKind } from './train-options.js'
import type { Learned } from './train-rank.js'
import type { TrainingSet } from './train-set.js'
import { earlyStop } from './train-stop.js'

export interface SchoenbergOptions {
  bits: number
  kind: TrainedKind
  /** Most steps. (Default: 400) */
  steps?: number
  /** Step size per particle. (Default: 0.1) */
  rate?: number
  /** Target of the kernel: this for pairs of one class, minus this for others. (Default: 0.5) */
  beta?: number
  /** Inverse temperature: the noise of a step is `√(2 rate / temperature)`. (Default: 2000) */
  temperature?: number
  /** Weight of the squared Wasserstein distance to the initial measure. (Default: 0) */
  wasserstein?: number
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

/** Particles of the measure. */
const PARTICLES = 512
/** Pairs per step. */
const PAIRS = 256
/** The measure of the calibrated kernel: `exp(-r²/2)` in units of the training set. */
const START = 0.5
/** Upper limit of particles: the bandwidth is at most 16 times the calibrated one. */
const MOST = 16 * START
/** Steps between two evaluations on the held-out rows. */
const LOOK = 20

/**
 * Learns the Schönberg measure of a radial kernel, `K(r) = ∫ exp(-ξ r²) μ(dξ)`, by kernel alignment with classes: noisy
 * gradient descent of particles ξ on `½ E[(β y y' - K(r))²]`, projected to `[0, most]` (Khuzani et al., arXiv
 * 2006.13330).
 */
export function trainSchoenberg(
  set: TrainingSet,
  agreement: Agreement,
  options: SchoenbergOptions,
): Learned {
  const { bits, kind, steps = 400, rate = 0.1, beta = 0.5, temperature = 2000 } = options
  const { wasserstein = 0, onProgress, signal } = options
  const particles = new Float64Array(PARTICLES).fill(START)
  const source = random(set.seed + 3)
  const next = pairBatches(set, PAIRS)
  const drawn = drawKernel({ dims: set.dims, bits, seed: set.seed, bandwidth: 1 })
  const code = () => directionsOf(particles, drawn, kind)
  const stop = earlyStop(agreement, code(), agreement(code()))
  const noise = Math.sqrt((2 * rate) / temperature)
  let step = 0
  for (let goesOn = true; goesOn && step < steps;) {
    signal?.throwIfAborted()
    step++
    const { first, second, target } = next()
    const squares = Float64Array.from(first, (row, i) => squaredDistance(set, row, second[i]!))
    const { gradient } = alignmentLoss(particles, squares, target, beta)
    for (let i = 0; i < PARTICLES; i++) {
      // All particles start at one point, so the transport to the start is the difference from it.
      const pull = 2 * wasserstein * (particles[i]! - START)
      // The rate is per particle, so that a measure of more particles moves as fast.
      const moved =
        particles[i]! - rate * (PARTICLES * gradient[i]! + pull) + noise * source.normal()
      particles[i] = Math.min(MOST, Math.max(0, moved))
    }
    if (step % LOOK === 0) goesOn = stop.goesOn(step, code())
    onProgress?.(step / steps)
  }
  const best = stop.best()
  return {
    code: best.code,
    steps: step,
    kept: best.step,
    agreement: best.agreement,
    details: { beta, wasserstein },
  }
}

/** `½ mean[(β y y' - K(r))²]` over pairs, given their squared distances, and its gradient by the particles. */
export function alignmentLoss(
  particles: Float64Array,
  squares: Float64Array,
  target: Int8Array,
  beta: number,
): { loss: number; gradient: Float64Array } {
  const gradient = new Float64Array(particles.length)
  const parts = new Float64Array(particles.length)
  let loss = 0
  squares.forEach((square, pair) => {
    let kernel = 0
    for (let i = 0; i < parts.length; i++) {
      parts[i] = Math.exp(-particles[i]! * square) / parts.length
      kernel += parts[i]!
    }
    const error = beta * target[pair]! - kernel
    loss += (error * error) / 2 / squares.length
    for (let i = 0; i < parts.length; i++)
      gradient[i]! += (error * square * parts[i]!) / squares.length
  })
  return { loss, gradient }
}

/**
 * Directions of the kernel: `w ~ N(0, 2 ξ I)`. Each bit uses another quantile of the particles, in golden-ratio order,
 * so that the first bits already cover the whole measure. The random draws are those of an untrained family of the
 * seed.
 */
function directionsOf(
  particles: Float64Array,
  { weight, phase, threshold }: CodeDirections,
  kind: TrainedKind,
): CodeDirections {
  const bits = threshold.length
  const dims = weight.length / bits
  const sorted = particles.toSorted()
  const sized = weight.slice()
  for (let bit = 0; bit < bits; bit++) {
    const share = ((bit + 0.5) * 0.6180339887498949) % 1
    const size = Math.sqrt(2 * sorted[Math.floor(share * sorted.length)]!)
    for (let at = bit * dims; at < (bit + 1) * dims; at++) sized[at]! *= size
  }
  return {
    weight: sized,
    phase,
    threshold: kind === 'kernel' ? threshold : new Float64Array(bits),
  }
}

function squaredDistance({ values, dims }: TrainingSet, a: number, b: number): number {
  let sum = 0
  for (let d = 0; d < dims; d++) sum += (values[a * dims + d]! - values[b * dims + d]!) ** 2
  return sum
}
