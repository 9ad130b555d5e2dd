import type { CodeDirections } from './code-directions.js'
import type { Agreement } from './train-agreement.js'
import { MOST_AXES, principalAxes } from './train-axes.js'
import { descent } from './train-descent.js'
import { listBatches } from './train-lists.js'
import { listwiseLoss } from './train-listwise.js'
import { phasedDirections } from './train-phases.js'
import type { TrainingSet } from './train-set.js'
import { earlyStop } from './train-stop.js'

export interface RankOptions {
  bits: number
  /** Most steps of the gradient; 0 keeps the directions from the search over bandwidths. (Default: 240) */
  steps?: number
  /** How far a step moves a direction, whose length is `reach √dims`. (Default: 0.004) */
  rate?: number
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

/** Learned directions, in units of the training set. */
export interface Learned {
  readonly code: CodeDirections
  readonly steps: number
  readonly kept: number
  readonly agreement: number
  readonly details: Readonly<Record<string, number>>
}

/** Numbers of phases per direction to try. */
const PHASES = [1, 2, 3, 4, 6, 8, 12, 16] as const
/** Ratio between the reaches to try: a bandwidth is the square of a reach. */
const REACH = Math.SQRT2 ** 0.5
/** Steps between two evaluations on the held-out rows. */
const LOOK = 20

/**
 * Maximises rank agreement directly: first over the bandwidth and the number of phases per direction, which determines
 * the number of principal axes, by the agreement of held-out rows; then over all directions and phases, by the gradient
 * of a listwise loss.
 */
export function trainRank(set: TrainingSet, agreement: Agreement, options: RankOptions): Learned {
  const { bits, steps = 240, rate = 0.004, onProgress, signal } = options
  const start = searchPhases(set, agreement, options)
  onProgress?.(0.5)
  const weight = start.code.weight.slice()
  const phase = start.code.phase.slice()
  const threshold = new Float64Array(bits)
  const stop = earlyStop(agreement, start.code, start.agreement)
  const [weights, phases] = [descent(weight), descent(phase)]
  const next = steps > 0 ? listBatches(set) : null
  let step = 0
  for (let goesOn = next !== null; goesOn && step < steps;) {
    signal?.throwIfAborted()
    step++
    const { weight: byWeight, phase: byPhase } = listwiseLoss(weight, phase, next!())
    const now = rate * Math.min(1, 2 - (2 * step) / (steps + 1))
    weights.step(byWeight, now)
    phases.step(byPhase, now)
    if (step % LOOK === 0) goesOn = stop.goesOn(step, { weight, phase, threshold })
    onProgress?.(0.5 + step / steps / 2)
  }
  const best = stop.best()
  return {
    code: best.code,
    steps: step,
    kept: best.step,
    agreement: best.agreement,
    details: { phases: start.phases, axes: start.axes, searched: start.agreement },
  }
}

interface Searched {
  readonly code: CodeDirections & { readonly phase: Float64Array }
  readonly agreement: number
  readonly phases: number
  readonly axes: number
}

/** Hill climbing on the grid of phases and reaches. */
function searchPhases(
  set: TrainingSet,
  agreement: Agreement,
  { bits, onProgress, signal }: RankOptions,
): Searched {
  const { dims, seed } = set
  const axes = principalAxes(set)
  const seen = new Map<string, Searched>()
  const at = (place: number, power: number): Searched | null => {
    const phases = PHASES[place]
    if (phases === undefined || phases > bits) return null
    const known = seen.get(`${place},${power}`)
    if (known) return known
    signal?.throwIfAborted()
    const code = phasedDirections(axes, dims, { bits, phases, reach: REACH ** power, seed })
    const used = Math.min(dims, Math.ceil(bits / phases))
    const tried = {
      code: { ...code, phase: code.phase! },
      agreement: agreement(code),
      phases,
      axes: used > MOST_AXES ? dims : used,
    }
    seen.set(`${place},${power}`, tried)
    onProgress?.(seen.size / (seen.size + 10) / 2)
    return tried
  }
  let [place, power] = [2, 2]
  let best = at(place, power)!
  for (let size = 2; size >= 1;) {
    const around = [
      [place, power + size],
      [place, power - size],
      [place + 1, power],
      [place - 1, power],
    ] as const
    const better = around
      .map(([p, r]) => ({ p, r, tried: at(p, r) }))
      .filter(({ tried }) => tried !== null && tried.agreement > best.agreement)
      .sort((a, b) => b.tried!.agreement - a.tried!.agreement)[0]
    if (better) {
      ;[place, power, best] = [better.p, better.r, better.tried!]
    } else size--
  }
  return best
}
