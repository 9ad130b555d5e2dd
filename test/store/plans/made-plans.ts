import { random } from '../../../src/core/random.js'
import { vectorDistance } from '../../../src/core/vector.js'
import type { Store } from '../../../src/store/connection/connect.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { vectorText } from '../../../src/store/connection/types.js'
import { rowsOf } from '../../sql/asking.js'
import { makeIndex } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'

/** A slice with its generated vector and its weight by dose. */
export interface PlanSlice {
  readonly item_id: number
  readonly plan_id: number
  readonly patient: string
  readonly index: number
  readonly position_mm: number
  readonly dose: number
  readonly vector: Float32Array
}

export interface MadePlansOptions {
  /** (Default: made) */
  space?: string
  /** (Default: 12) */
  plans?: number
  /**
   * Slices of the first plan; others have up to `2 * slices - 1`. The first two plans are of one patient. (Default: 4)
   */
  slices?: number
  /** Seed of the vectors. (Default: 1) */
  seed?: number
}

/** Stores plans with a space whose vectors run along one line for each plan, and its index. */
export async function makePlans(
  store: Store,
  options: MadePlansOptions = {},
): Promise<PlanSlice[]> {
  const { space = 'made', plans = 12, slices = 4, seed = 1 } = options
  for (let number = 1; number <= plans; number++) {
    const plan = smallPlan({ number, slices: slices + ((number - 1) % slices), side: 4 })
    await loadPlan(store, space, number === 2 ? { ...plan, patient: 'pt_1' } : plan)
  }
  const stored = await rowsOf<Omit<PlanSlice, 'vector'>>(
    store,
    `select slice.item_id, plan_id, pseudonym as patient, index, position_mm, dose_mean_gy as dose
     from cbir.slice
       join cbir.plan on plan.id = slice.plan_id
       join cbir.patient on patient.id = plan.patient_id
     where patient.dataset = $1
     order by slice.item_id`,
    [space],
  )
  const source = random(seed)
  const lines = new Map<number, readonly [number[], number[]]>()
  const made = stored.map((slice) => {
    const normals = (scale: number) => Array.from({ length: 5 }, () => scale * source.normal())
    const [start, step] = lines.get(slice.plan_id) ?? [normals(3), normals(1)]
    lines.set(slice.plan_id, [start, step])
    const noise = normals(0.2)
    const vector = Float32Array.from(noise, (value, d) => {
      return value + (start[d] as number) + slice.index * (step[d] as number)
    })
    return { ...slice, vector }
  })
  await fillSpace(store, space, made)
  await makeIndex(store, space)
  return made
}

/** Stores a space without an encoder that holds the vectors of these slices. */
export async function fillSpace(
  store: Store,
  space: string,
  slices: readonly Pick<PlanSlice, 'item_id' | 'vector'>[],
): Promise<void> {
  const dims = slices[0]?.vector.length
  await rowsOf(store, `select cbir.create_space($1, $2, parts => '[]')`, [space, dims])
  await rowsOf(
    store,
    `insert into space.${space}
     select item, vector::vector from unnest($1::int[], $2::text[]) as made (item, vector)`,
    [slices.map(({ item_id }) => item_id), slices.map(({ vector }) => vectorText(vector))],
  )
}

/** Weights of slices; their sum is 1. */
export function weightsOf(slices: readonly PlanSlice[], weights: 'equal' | 'dose'): number[] {
  const sum = slices.reduce((all, { dose }) => all + dose, 0)
  return slices.map(({ dose }) =>
    weights === 'equal' || sum === 0 ? 1 / slices.length : dose / sum,
  )
}

/** The nearest of the other slices with its distance; the first one of several. */
export function nearestSlice(slice: PlanSlice, others: readonly PlanSlice[]) {
  return others
    .map((other) => ({ other, distance: vectorDistance(slice.vector, other.vector) }))
    .reduce((nearest, one) => (one.distance < nearest.distance ? one : nearest))
}

/** Weighted mean distance from the slices of a plan to their nearest slices of another. */
export function directedMean(
  plan: readonly PlanSlice[],
  other: readonly PlanSlice[],
  weights: 'equal' | 'dose',
): number {
  const weight = weightsOf(plan, weights)
  return plan.reduce(
    (sum, slice, i) => sum + (weight[i] as number) * nearestSlice(slice, other).distance,
    0,
  )
}

/** The distances of a plan to others, nearest first, by exhaustive computation. */
export function similarPlansByLoops(
  slices: readonly PlanSlice[],
  plan: number,
  others: readonly number[],
  weights: 'equal' | 'dose' = 'equal',
) {
  const slicesOf = (id: number) => slices.filter(({ plan_id }) => plan_id === id)
  return others
    .map((other) => {
      const forward = directedMean(slicesOf(plan), slicesOf(other), weights)
      const backward = directedMean(slicesOf(other), slicesOf(plan), weights)
      return { plan_id: other, forward, backward, distance: Math.max(forward, backward) }
    })
    .sort((a, b) => a.distance - b.distance || a.plan_id - b.plan_id)
}
