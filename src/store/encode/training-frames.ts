import { channelsOf, frame, type Preprocessing } from '../../encode/frames/frame.js'
import { frameLength, frameShape } from '../../encode/trained/frame-tensor.js'
import type { SliceLevels } from '../../encode/training/slice-levels.js'
import type { TrainingFrames } from '../../encode/training/train-options.js'
import type { Store } from '../connection/connect.js'
import type { PatientParts } from '../plans/patients.js'
import { organCentres, planOrigins, type PlanOrigins } from '../plans/plan-origins.js'
import { slicesOf } from '../plans/slices.js'

export interface TrainingFramesOptions {
  /** Uses every n-th slice of each plan. */
  every: number
}

/**
 * The frames of the training and validation patients, for each preprocessing. Each slice is read once. A slice without
 * dose is left out where the preprocessing needs the dose. Levels are aligned by the organs of the plans if all plans
 * have organs.
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
  return preprocessings.map((_, i) => {
    const [train, validation] = [trained[i] as Framed, validated[i] as Framed]
    return {
      train: train.frames,
      validation: validation.frames,
      levels: { train: train.levels, validation: validation.levels },
    }
  })
}

/** The same frames for a training without structures: levels of different plans are not compared. */
export function unaligned(frames: TrainingFrames): TrainingFrames {
  const { levels } = frames
  if (!levels) return frames
  const withoutAlignment = (part: SliceLevels) => ({ ...part, aligned: false })
  return {
    ...frames,
    levels: {
      train: withoutAlignment(levels.train),
      validation: withoutAlignment(levels.validation),
    },
  }
}

/** Frames of one preprocessing with the levels of their slices. */
interface Framed {
  readonly frames: Float32Array
  readonly levels: SliceLevels
}

async function framesOf(
  store: Store,
  patients: readonly number[],
  preprocessings: readonly Preprocessing[],
  options: { every: number; origins: PlanOrigins },
): Promise<Framed[]> {
  const { every, origins } = options
  const lists = preprocessings.map((preprocessing) => ({
    preprocessing,
    dosed: channelsOf(preprocessing).includes('dose'),
    frames: [] as Float32Array[],
    plan: [] as number[],
    mm: [] as number[],
  }))
  for await (const slices of slicesOf(store, patients, { every })) {
    for (const slice of slices) {
      for (const { preprocessing, dosed, frames, plan, mm } of lists) {
        if (dosed && slice.image.dose === null) continue
        frames.push(frame(slice.image, preprocessing))
        plan.push(slice.plan)
        mm.push(slice.positionMm - (origins.of.get(slice.plan) ?? 0))
      }
    }
  }
  const { aligned } = origins
  return lists.map(({ preprocessing, frames, plan, mm }) => {
    const length = frameLength(frameShape(preprocessing))
    // In shared memory, so that starting a thread copies nothing.
    const all = new Float32Array(new SharedArrayBuffer(4 * length * frames.length))
    frames.forEach((one, at) => all.set(one, at * length))
    frames.length = 0
    return {
      frames: all,
      levels: { plan: Int32Array.from(plan), mm: Float32Array.from(mm), aligned },
    }
  })
}
