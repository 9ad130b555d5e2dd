import { alignLevels, type OrganCentres } from '../core/align-levels.js'
import { frame, type Preprocessing } from '../encode/frame.js'
import { frameLength, frameShape } from '../encode/frame-tensor.js'
import type { SliceLevels } from '../encode/slice-levels.js'
import type { TrainingFrames } from '../encode/train.js'
import type { Store } from './connect.js'
import type { PatientParts } from './patients.js'
import { slicesOf } from './slices.js'

export interface TrainingFramesOptions {
  /** Of each plan, every n-th slice is taken. */
  every: number
}

/**
 * The frames of the patients that train and of those that decide when to stop, once for each preprocessing; each slice is read
 * once. Levels are aligned by the organs of the plans, where all plans that train have some.
 */
export async function trainingFrames(
  store: Store,
  { train, validation }: Pick<PatientParts, 'train' | 'validation'>,
  preprocessings: readonly Preprocessing[],
  { every }: TrainingFramesOptions,
): Promise<TrainingFrames[]> {
  const origins = await planOrigins(store, [...train, ...validation])
  const trained = await framesOf(store, train, preprocessings, { every, origins })
  const validated = await framesOf(store, validation, preprocessings, { every, origins })
  return preprocessings.map((_, i) => ({
    train: trained.frames[i] as Float32Array,
    validation: validated.frames[i] as Float32Array,
    levels: { train: trained.levels, validation: validated.levels },
  }))
}

/** The same slices, when nothing is to be learned from structures: levels of different plans are not compared. */
export function unaligned(frames: TrainingFrames): TrainingFrames {
  const { levels } = frames
  if (!levels) return frames
  const alone = (part: SliceLevels) => ({ ...part, aligned: false })
  return { ...frames, levels: { train: alone(levels.train), validation: alone(levels.validation) } }
}

/** For each plan the `position_mm` of the same place of the body; 0 for all where a plan has no organs. */
export async function planOrigins(
  store: Pick<Store, 'db'>,
  patients: readonly number[],
): Promise<{ aligned: boolean; of: ReadonlyMap<number, number> }> {
  const rows = await store.db
    .selectFrom('cbir.structures')
    .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.structures.plan_id')
    .select(['plan_id', 'name', 'centre_mm'])
    .where('role', '=', 'organ')
    .where('centre_mm', 'is not', null)
    .where('patient_id', 'in', [...patients])
    .execute()
  const plans = await store.db
    .selectFrom('cbir.plan')
    .select('id')
    .where('patient_id', 'in', [...patients])
    .orderBy('id')
    .execute()
  const centres = plans.map(
    ({ id }): OrganCentres =>
      new Map(
        rows
          .filter(({ plan_id }) => plan_id === id)
          .map(({ name, centre_mm }) => [name, centre_mm as number]),
      ),
  )
  const origins = alignLevels(centres)
  const aligned = !origins.some(Number.isNaN)
  return { aligned, of: new Map(plans.map(({ id }, i) => [id, aligned ? origins[i]! : 0])) }
}

async function framesOf(
  store: Store,
  patients: readonly number[],
  preprocessings: readonly Preprocessing[],
  options: { every: number; origins: { aligned: boolean; of: ReadonlyMap<number, number> } },
): Promise<{ frames: Float32Array[]; levels: SliceLevels }> {
  const { every, origins } = options
  const lists: Float32Array[][] = preprocessings.map(() => [])
  const plan: number[] = []
  const mm: number[] = []
  for await (const slices of slicesOf(store, patients, { every })) {
    for (const slice of slices) {
      preprocessings.forEach((one, i) => lists[i]?.push(frame(slice.image, one)))
      plan.push(slice.plan)
      mm.push(slice.positionMm - (origins.of.get(slice.plan) ?? 0))
    }
  }
  const frames = lists.map((list, i) => {
    const length = frameLength(frameShape(preprocessings[i] as Preprocessing))
    // In memory that threads share, so that starting one copies nothing.
    const all = new Float32Array(new SharedArrayBuffer(4 * length * list.length))
    list.forEach((one, at) => all.set(one, at * length))
    list.length = 0
    return all
  })
  const { aligned } = origins
  return { frames, levels: { plan: Int32Array.from(plan), mm: Float32Array.from(mm), aligned } }
}
