import { type BeamModel, rays } from './beams.js'
import { side } from '../volume/volume.js'

/** Goals for the dose in one slice. */
export interface SliceGoal {
  /** Gy to reach at each pixel, 0 outside the targets. */
  readonly wanted: Uint8Array
  /** Upper limit in Gy at each pixel outside the targets. */
  readonly limit: Float32Array
  /** Weight of exceeding the limit relative to an error in a target. */
  readonly weight: Float32Array
}

export interface FluenceOptions {
  /** Steps of the optimisation; few steps leave a slightly uneven dose, as in practice. (Default: 24) */
  steps?: number
}

/**
 * Dose in Gy at the pixels of the model after modulating the fluence of all rays: multiplicative steps of weighted
 * least squares (the image space reconstruction algorithm), which keep the fluence non-negative and never increase the
 * error.
 */
export function optimiseDose(
  model: BeamModel,
  goal: SliceGoal,
  options: FluenceOptions = {},
): Float32Array {
  const { steps = 24 } = options
  const { pixels } = model
  let fluence: Float32Array = openRays(model, goal)
  let dose = doseOf(model, penumbra(fluence))
  // Starts at the right scale, so that no step is spent on finding it.
  const start = meanRatio(model, goal, dose)
  fluence = fluence.map((value) => value * start)
  dose = dose.map((value) => value * start)
  const asked = new Float32Array(pixels.length)
  const given = new Float32Array(pixels.length)
  for (let step = 0; step < steps; step++) {
    for (let n = 0; n < pixels.length; n++) {
      const pixel = pixels[n] as number
      const gy = dose[n] as number
      const target = goal.wanted[pixel] as number
      const weight = target > 0 ? 1 : (goal.weight[pixel] as number)
      asked[n] = weight * (target > 0 ? target : Math.min(gy, goal.limit[pixel] as number))
      given[n] = weight * gy
    }
    const up = penumbra(backProject(model, asked))
    const down = penumbra(backProject(model, given))
    for (let r = 0; r < fluence.length; r++)
      if ((down[r] as number) > 0)
        fluence[r] = ((fluence[r] as number) * (up[r] as number)) / (down[r] as number)
    dose = doseOf(model, penumbra(fluence))
  }
  return dose
}

/** 1 for rays that meet a target, 0 for those behind the leaves. */
function openRays(model: BeamModel, goal: SliceGoal): Float32Array {
  const open = new Float32Array(model.beams * rays)
  for (let n = 0; n < model.pixels.length; n++) {
    if (goal.wanted[model.pixels[n] as number] === 0) continue
    for (let at = n * model.beams; at < (n + 1) * model.beams; at++) {
      const left = model.ray[at] as number
      open[left] = 1
      open[left + 1] = 1
    }
  }
  return open
}

function meanRatio(model: BeamModel, goal: SliceGoal, dose: Float32Array): number {
  let wanted = 0
  let given = 0
  for (let n = 0; n < dose.length; n++) {
    const target = goal.wanted[model.pixels[n] as number] as number
    if (target === 0) continue
    wanted += target
    given += dose[n] as number
  }
  return given === 0 ? 0 : wanted / given
}

function doseOf(model: BeamModel, fluence: Float32Array): Float32Array {
  const { beams, pixels, ray, share, strength } = model
  const dose = new Float32Array(pixels.length)
  for (let n = 0, at = 0; n < dose.length; n++) {
    let sum = 0
    for (let beam = 0; beam < beams; beam++, at++) {
      const left = ray[at] as number
      const f = share[at] as number
      const between = (1 - f) * (fluence[left] as number) + f * (fluence[left + 1] as number)
      sum += (strength[at] as number) * between
    }
    dose[n] = sum
  }
  return dose
}

function backProject(model: BeamModel, values: Float32Array): Float32Array {
  const { beams, ray, share, strength } = model
  const sums = new Float32Array(beams * rays)
  for (let n = 0, at = 0; n < values.length; n++) {
    const value = values[n] as number
    if (value === 0) {
      at += beams
      continue
    }
    for (let beam = 0; beam < beams; beam++, at++) {
      const left = ray[at] as number
      const part = value * (strength[at] as number)
      const next = part * (share[at] as number)
      sums[left] = (sums[left] as number) + part - next
      sums[left + 1] = (sums[left + 1] as number) + next
    }
  }
  return sums
}

/** Blurs the edge of a field: a ray gives a part of its fluence to its neighbours. */
function penumbra(fluence: Float32Array): Float32Array {
  const soft = new Float32Array(fluence.length)
  for (let r = 1; r < soft.length - 1; r++)
    soft[r] =
      0.5 * (fluence[r] as number) +
      0.25 * ((fluence[r - 1] as number) + (fluence[r + 1] as number))
  return soft
}

/** Limits for a slice: cord and brainstem first, then parotids, then everything else. */
export function sliceGoal(wanted: Uint8Array, organs: ReadonlyMap<string, Uint8Array>): SliceGoal {
  const limit = new Float32Array(side * side).fill(36)
  const weight = new Float32Array(side * side).fill(0.06)
  const spare = (organ: string, gy: number, importance: number) => {
    const mask = organs.get(organ)
    if (mask === undefined) return
    for (let p = mask.indexOf(1); p >= 0; p = mask.indexOf(1, p + 1)) {
      limit[p] = gy
      weight[p] = importance
    }
  }
  spare('LeftParotid', 18, 0.25)
  spare('RightParotid', 18, 0.25)
  spare('Larynx', 36, 0.15)
  spare('Brainstem', 32, 1.5)
  spare('SpinalCord', 30, 3)
  return { wanted, limit, weight }
}
