import { drawKernel } from './kernel.js'
import { multiply } from './multiply.js'
import type { Agreement } from './train-agreement.js'
import { transposed } from './train-axes.js'
import type { TrainedKind } from './train-options.js'
import { pairBatches, type PairBatch } from './train-pairs.js'
import type { Learned } from './train-rank.js'
import { rowsOf, type TrainingSet } from './train-set.js'
import { earlyStop } from './train-stop.js'

export interface ParticlesOptions {
  bits: number
  kind: TrainedKind
  /** Most steps. (Default: 400) */
  steps?: number
  /** Step size per particle. (Default: 0.5) */
  rate?: number
  /** Target of the kernel: this for pairs of one class, minus this for others. (Default: 0.5) */
  beta?: number
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

/** Pairs per step. */
const PAIRS = 128
/** Steps between two evaluations on the held-out rows. */
const LOOK = 20

/**
 * Learns directions as the particles of a kernel of random features, `K(x, x') = (2/N) Σ cos(<ξ, x> + b) cos(<ξ, x'> +
 * b)`, by kernel alignment with classes: gradient descent on `½ E[(β y y' - K)²]` (Khuzani et al., arXiv 1909.11820).
 */
export function trainParticles(
  set: TrainingSet,
  agreement: Agreement,
  options: ParticlesOptions,
): Learned {
  const { bits, kind, steps = 400, rate = 0.5, beta = 0.5, onProgress, signal } = options
  const { dims, seed } = set
  const drawn = drawKernel({ dims, bits, seed, bandwidth: 1 })
  const code = kind === 'kernel' ? drawn : { ...drawn, threshold: new Float64Array(bits) }
  const next = pairBatches(set, PAIRS)
  const stop = earlyStop(agreement, code, agreement(code))
  let step = 0
  for (let goesOn = true; goesOn && step < steps;) {
    signal?.throwIfAborted()
    step++
    const { gradient } = featureLoss(code.weight, code.phase, set, next(), beta)
    for (let i = 0; i < gradient.length; i++) code.weight[i]! -= rate * bits * gradient[i]!
    if (step % LOOK === 0) goesOn = stop.goesOn(step, code)
    onProgress?.(step / steps)
  }
  const best = stop.best()
  return {
    code: best.code,
    steps: step,
    kept: best.step,
    agreement: best.agreement,
    details: { beta },
  }
}

/** `½ mean[(β y y' - K(x, x'))²]` over pairs, and its gradient by the directions. */
export function featureLoss(
  weight: Float32Array,
  phase: Float64Array,
  { values, dims }: Pick<TrainingSet, 'values' | 'dims'>,
  { first, second, target }: PairBatch,
  beta: number,
): { loss: number; gradient: Float32Array } {
  const [pairs, bits] = [first.length, phase.length]
  const [x, y] = [rowsOf(values, dims, first), rowsOf(values, dims, second)]
  const [a, b] = [multiply(x, weight, dims), multiply(y, weight, dims)]
  let loss = 0
  for (let pair = 0; pair < pairs; pair++) {
    const from = pair * bits
    let kernel = 0
    for (let bit = 0; bit < bits; bit++)
      kernel += Math.cos(a[from + bit]! + phase[bit]!) * Math.cos(b[from + bit]! + phase[bit]!)
    const error = beta * target[pair]! - (2 * kernel) / bits
    loss += (error * error) / 2 / pairs
    const share = (2 * error) / bits / pairs
    for (let bit = 0; bit < bits; bit++) {
      const [of, to] = [a[from + bit]! + phase[bit]!, b[from + bit]! + phase[bit]!]
      a[from + bit] = share * Math.sin(of) * Math.cos(to)
      b[from + bit] = share * Math.cos(of) * Math.sin(to)
    }
  }
  const gradient = multiply(transposed(a, bits), transposed(x, dims), pairs)
  const other = multiply(transposed(b, bits), transposed(y, dims), pairs)
  for (let i = 0; i < gradient.length; i++) gradient[i]! += other[i]!
  return { loss, gradient }
}
