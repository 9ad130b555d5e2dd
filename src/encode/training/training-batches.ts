import { permutation, random } from '../../core/random.js'
import type { SliceLevels } from './slice-levels.js'

/** Slices of one plan in a batch, and plans of a batch: neighbours are among the first, the same places among the others. */
const SLICES = 24
const PLANS = 8
/** Fewer say little about which slices of a plan are alike. */
const FEWEST = 6

/** The frames of each step of one pass, in an order that seed and pass decide. */
export function plainBatches(count: number, size: number, seed: number): Int32Array[] {
  return cut(permutation(count, random(seed)), size)
}

/** Batches of runs of one plan each. Slices that are left over at the end of a plan come in another pass. */
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
