import { frame, needsOf, type Preprocessing } from '../../encode/frames/frame.js'
import { frameLength, frameShape } from '../../encode/trained/frame-tensor.js'
import { COARSE } from '../../encode/training/similarity-targets.js'
import type { SliceLevels } from '../../encode/training/slice-levels.js'
import type { TrainingFrames } from '../../encode/training/train-options.js'
import type { Store } from '../connection/connect.js'
import type { PatientParts } from '../plans/patients.js'
import { organCentres, planOrigins, type PlanOrigins } from '../plans/plan-origins.js'
import { sliceToEncode } from '../plans/slice-structures.js'
import { slicesOf } from '../plans/slices.js'

export interface TrainingFramesOptions {
  /** Uses every n-th slice of each plan. */
  every: number
}

/** What an encoder is trained on. */
export interface TrainingInput {
  readonly preprocessing: Preprocessing
  /** Whether doses, which the frames need not show, are targets of the training. (Default: false) */
  readonly learnsDose?: boolean
}

/**
 * The frames of the training and validation patients, for each input. Each slice is read once. A slice is left out where
 * it lacks the dose or the structures that the input needs. Levels are aligned by the organs of the plans if all plans
 * have organs.
 */
export async function trainingFrames(
  store: Store,
  { train, validation }: Pick<PatientParts, 'train' | 'validation'>,
  inputs: readonly TrainingInput[],
  { every }: TrainingFramesOptions,
): Promise<TrainingFrames[]> {
  const origins = planOrigins(await organCentres(store, [...train, ...validation]))
  const trained = await framesOf(store, train, inputs, { every, origins })
  const validated = await framesOf(store, validation, inputs, { every, origins })
  return inputs.map((_, i) => {
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
  inputs: readonly TrainingInput[],
  options: { every: number; origins: PlanOrigins },
): Promise<Framed[]> {
  const { every, origins } = options
  const lists = inputs.map(({ preprocessing, learnsDose = false }) => ({
    preprocessing,
    learnsDose,
    needs: needsOf(preprocessing),
    frames: [] as Float32Array[],
    doses: [] as Float32Array[],
    plan: [] as number[],
    mm: [] as number[],
  }))
  const structures = lists.some(({ needs }) => needs.structures)
  for await (const slices of slicesOf(store, patients, { every, structures })) {
    for (const slice of slices) {
      const seen = sliceToEncode(slice)
      for (const { preprocessing, learnsDose, needs, frames, doses, plan, mm } of lists) {
        if ((needs.dose || learnsDose) && slice.image.dose === null) continue
        if (needs.structures && slice.structures === undefined) continue
        frames.push(frame(seen, preprocessing))
        if (learnsDose) doses.push(frame(slice.image, coarseDose(preprocessing)))
        plan.push(slice.plan)
        mm.push(slice.positionMm - (origins.of.get(slice.plan) ?? 0))
      }
    }
  }
  const { aligned } = origins
  return lists.map(({ preprocessing, learnsDose, frames, doses, plan, mm }) => ({
    frames: shared(frames, frameLength(frameShape(preprocessing))),
    levels: {
      plan: Int32Array.from(plan),
      mm: Float32Array.from(mm),
      aligned,
      ...(learnsDose && { doses: shared(doses, COARSE ** 2) }),
    },
  }))
}

/** The dose in Gy where a frame shows the slice. */
function coarseDose({ crop }: Preprocessing): Preprocessing {
  const dose = { channel: 'dose', low: 0, high: 1, ceiling: Infinity, unit: 'Gy' } as const
  return { planes: [dose], size: COARSE, crop }
}

/** Concatenates arrays in shared memory, so that starting a thread copies nothing, and empties the list. */
function shared(arrays: Float32Array[], length: number): Float32Array {
  const all = new Float32Array(new SharedArrayBuffer(4 * length * arrays.length))
  arrays.forEach((one, at) => all.set(one, at * length))
  arrays.length = 0
  return all
}
