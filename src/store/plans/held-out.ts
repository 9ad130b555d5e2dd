import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import type { SliceNeeds } from '../../encode/frames/frame.js'
import type { Store } from '../connection/connect.js'
import { meets } from './slices.js'

/** Options of a choice among held-out slices or plans. */
export interface HeldOutOptions {
  dataset: string
  /** Seed of the choice. (Default: 1) */
  seed?: number
}

/**
 * A seeded choice of `count` slices of patients that an encoder was not trained on, in the order of their keys. Each has
 * what the encoder needs, and a maximum dose of at least `leastDose` times the prescription; by default, slices without
 * dose qualify too.
 *
 * @throws LshError `LSH03` if there are none
 */
export async function heldOutSlices(
  store: Store,
  encoder: string,
  options: HeldOutOptions & { count: number; needs: SliceNeeds; leastDose?: number },
): Promise<number[]> {
  const { dataset, seed = 1, count, needs, leastDose = 0 } = options
  const { rows } = await sql<{ item_id: number }>`
    select slice.item_id
    from cbir.slice
      join cbir.plan on plan.id = slice.plan_id
      join cbir.patient on patient.id = plan.patient_id
    where patient.dataset = ${dataset} and ${meets(needs)} and (${leastDose}::float8 = 0 or dose_max_gy >= ${leastDose}::float8 * prescription_gy) and not exists (
      select from cbir.encoder where encoder.name = ${encoder} and patient.id = any(encoder.trained_on)
    )
    order by slice.item_id`.execute(store.db)
  if (rows.length === 0) throw noUnseenPlans(encoder, dataset, needs)
  const order = permutation(rows.length, random(seed)).subarray(0, count)
  return Array.from(order, (i) => (rows[i] as { item_id: number }).item_id).sort((a, b) => a - b)
}

/** A slice of a patient that an encoder was not trained on. */
export interface UnseenSlice {
  readonly item: number
  readonly patient: number
}

/**
 * All slices of patients of a data set that an encoder was not trained on and that have what it needs, in the order of
 * their keys.
 */
export async function unseenSlices(
  store: Store,
  encoder: string,
  { dataset, needs }: { dataset: string; needs: SliceNeeds },
): Promise<UnseenSlice[]> {
  const { rows } = await sql<UnseenSlice>`
    select slice.item_id as item, patient.id as patient
    from cbir.slice
      join cbir.plan on plan.id = slice.plan_id
      join cbir.patient on patient.id = plan.patient_id
    where patient.dataset = ${dataset} and ${meets(needs)} and not exists (
      select from cbir.encoder where encoder.name = ${encoder} and patient.id = any(encoder.trained_on)
    )
    order by slice.item_id`.execute(store.db)
  return rows
}

/** A chosen plan with the keys of its slices. */
export interface ChosenPlan {
  readonly key: string
  /** `null` for a plan without dose that does not state its prescription. */
  readonly prescriptionGy: number | null
  /** Size of a voxel in mm: rows, columns, distance of slices. */
  readonly voxelMm: readonly [number, number, number]
  /** Whether the encoder was trained on its patient. */
  readonly seen: boolean
  /** Keys of its slices, from the head on. */
  readonly items: readonly number[]
}

/**
 * The plan of the given key or, without a key, a seeded choice among the plans of patients that the encoder was not
 * trained on. Only plans that have what the encoder needs qualify.
 *
 * @throws LshError `bad_usage` if the plan does not exist, `LSH03` if no patient remains.
 */
export async function choosePlan(
  store: Store,
  encoder: string,
  options: HeldOutOptions & { key?: string; needs: SliceNeeds },
): Promise<ChosenPlan> {
  const { dataset, seed = 1, key, needs } = options
  const { rows } = await sql<Omit<ChosenPlan, 'items'> & { id: number }>`
    select plan.id, source_key as key, prescription_gy as "prescriptionGy", voxel_mm as "voxelMm",
      exists (
        select from cbir.encoder where encoder.name = ${encoder} and patient_id = any(encoder.trained_on)
      ) as seen
    from cbir.plan
      join cbir.patient on patient.id = plan.patient_id
    where dataset = ${dataset} and exists (
      select from cbir.slice
      where slice.plan_id = plan.id and ${meets(needs)}
    )
    order by plan.id`.execute(store.db)
  const unseen = rows.filter((plan) => !plan.seen)
  const [place = 0] = permutation(unseen.length, random(seed))
  const chosen = key === undefined ? unseen[place] : rows.find((plan) => plan.key === key)
  if (!chosen) {
    if (key === undefined) throw noUnseenPlans(encoder, dataset, needs)
    throw new LshError(
      'bad_usage',
      `data set "${dataset}" has no plan "${key}" with slices${alsoNeeded(needs)}`,
      {
        hint: 'List the plans: pg-lsh sql "select dataset, plan from cbir.plans". Name another data set with --dataset.',
      },
    )
  }
  const { id, ...plan } = chosen
  const slices = await store.db
    .selectFrom('cbir.slice')
    .select('item_id')
    .where('plan_id', '=', id)
    .orderBy('index')
    .execute()
  return { ...plan, items: slices.map(({ item_id }) => item_id) }
}

/** What an encoder needs besides slices, for a message: ` and a dose`; empty if it needs nothing else. */
export function alsoNeeded({ dose, structures }: SliceNeeds): string {
  return `${dose ? ' and a dose' : ''}${structures ? ' and a drawn target' : ''}`
}

function noUnseenPlans(encoder: string, dataset: string, needs: SliceNeeds): LshError {
  return new LshError(
    'LSH03',
    `data set "${dataset}" has no plans with slices${alsoNeeded(needs)} of patients that encoder "${encoder}" was not trained on`,
    { hint: 'Load more plans, or name a plan of its training patients with --plan.' },
  )
}
