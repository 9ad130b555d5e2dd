import { permutation, random } from '../../core/random.js'
import type { SliceLevels } from './slice-levels.js'

/**
 * Slices per plan in a batch, and plans per batch: the former provide neighbours, the latter the same places in other
 * patients.
 */
const SLICES = 24
const PLANS = 8
/** Fewer slices say little about similarity within a plan. */
const FEWEST = 6

/** The frames of each step of one pass, in an order that depends on the seed. */
export function plainBatches(count: number, size: number, seed: number): Int32Array[] {
  return cut(permutation(count, random(seed)), size)
}

/**
 * Batches of runs of slices, each run from one plan, in an order that depends on the seed. Remainders of a plan with
 * fewer than 6 slices are left out; another pass draws other runs.
 */
export function planBatches({ plan }: Pick<SliceLevels, 'plan'>, seed: number): Int32Array[] {
  const source = random(seed)
  const members = new Map<number, number[]>()
  plan.forEach((one, i) => members.set(one, [...(members.get(one) ?? []), i]))
  const runs = [...members.values()].flatMap((list) =>
    cut(
      permutation(list.length, source).map((i) => list[i] as number),
      SLICES,
    ).filter((run) => run.length >= FEWEST),
  )
  const order = permutation(runs.length, source)
  return cut(order, PLANS).map((chosen) =>
    Int32Array.from(Array.from(chosen, (i) => Array.from(runs[i] as Int32Array)).flat()),
  )
}

function cut(list: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.subarray(i * size, (i + 1) * size),
  )
}
