import { frame, type Preprocessing } from '../encode/frame.js'
import { frameLength, frameShape } from '../encode/frame-tensor.js'
import type { SliceLevels } from '../encode/slice-levels.js'
import type { TrainingFrames } from '../encode/train.js'
import type { Store } from './connect.js'
import type { PatientParts } from './patients.js'
import { organCentres, planOrigins, type PlanOrigins } from './plan-origins.js'
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
  const origins = planOrigins(await organCentres(store, [...train, ...validation]))
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

async function framesOf(
  store: Store,
  patients: readonly number[],
  preprocessings: readonly Preprocessing[],
  options: { every: number; origins: PlanOrigins },
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
