import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import { needsOf, type SliceNeeds } from '../../encode/frames/frame.js'
import type { TrainingFrames } from '../../encode/training/train-options.js'
import { trainSideBySide, type TrainingJob } from '../../encode/training/train-side-by-side.js'
import type {
  AnyPreprocessing,
  EpochRecord,
  TrainedEncoder,
} from '../../encode/trained/trained-encoder.js'
import type { Store } from '../connection/connect.js'
import { addEncoder } from '../spaces/encoders.js'
import { encodedSpace, spacePreprocessing } from './known-spaces.js'
import { HELD_OUT, patientsOf, splitPatients, type PatientParts } from '../plans/patients.js'
import { pictureSpace } from './picture-spaces.js'
import { pictureJobs } from './train-pictures.js'
import { trainingFrames, unaligned } from './training-frames.js'

export interface TrainSpacesOptions {
  /** Determines the split, the initial weights and the order of slices. (Default: 1) */
  seed?: number
  /** Maximum number of passes over the slices. (Default: that of the space) */
  epochs?: number
  /** Time limit for the training of an encoder, in minutes. (Default: no limit) */
  minutes?: number
  /** Trains on every n-th slice of each plan. (Default: 1) */
  every?: number
  /** Rows and columns of the frames. (Default: 64, or that of a space of images or neurons) */
  size?: number
  /** Folder where progress is saved after each pass, so that a killed training can continue. (Default: none) */
  checkpoint?: string
  /** Drops existing spaces of these names, with their encoders and features. (Default: false, they are an error) */
  replace?: boolean
  /** Called after each pass over the slices. (Default: none) */
  onProgress?: (space: string, record: EpochRecord) => void
  /** Called with the split of the patients before the training. (Default: none) */
  onSplit?: (parts: PatientParts) => void
  /** Stops the training without storing anything. (Default: none) */
  signal?: AbortSignal
}

/**
 * Trains the encoders of spaces side by side on the patients of a data set that are not held out for queries, and
 * stores all of them in one transaction.
 *
 * @throws LshError `bad_usage` for an unknown space or one that is already trained, `LSH03` for too few patients
 */
export async function trainSpaces(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  options: TrainSpacesOptions = {},
): Promise<TrainedEncoder<AnyPreprocessing>[]> {
  const { seed = 1, replace = false, onProgress, onSplit, signal } = options
  const ofPictures = spaces.some((space) => pictureSpace(space) !== undefined)
  if (!ofPictures) spaces.forEach(encodedSpace)
  if (!replace) await refuseExisting(store, spaces)
  const share = ofPictures ? HELD_OUT.pictures : HELD_OUT.plans
  const parts = splitPatients(await patientsOf(store, dataset), seed, share)
  onSplit?.(parts)
  const { train, validation } = parts
  const jobs = ofPictures
    ? await pictureJobs(store, spaces, parts, { ...options, seed })
    : await sliceJobs(store, dataset, spaces, parts, { ...options, seed })
  const trained = await trainSideBySide(jobs, {
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  })
  await store.transaction(async (transaction) => {
    for (const [i, encoder] of trained.entries()) {
      const name = spaces[i] as string
      if (replace) await sql`select cbir.drop_space(${name})`.execute(transaction.db)
      await addEncoder(transaction, encoder, {
        name,
        dataset,
        trainedOn: [...train, ...validation],
      })
    }
  })
  return trained
}

async function sliceJobs(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  { train, validation }: PatientParts,
  options: TrainSpacesOptions & { seed: number },
): Promise<TrainingJob[]> {
  const { seed, epochs, minutes, every = 1, size, checkpoint } = options
  const chosen = spaces.map((space) => ({ space, ...encodedSpace(space) }))
  const inputs = chosen.map((space) => ({
    preprocessing: spacePreprocessing(space, size),
    learnsDose: space.learnsDose ?? false,
  }))
  const frames = await trainingFrames(store, { train, validation }, inputs, { every })
  return chosen.map((space, i): TrainingJob => {
    const own = frames[i] as TrainingFrames
    const { preprocessing } = inputs[i] as (typeof inputs)[number]
    if (own.train.length === 0 || own.validation.length === 0)
      throw tooFew(space.space, dataset, needsOf(preprocessing))
    return {
      name: space.space,
      frames: space.structures === false ? unaligned(own) : own,
      options: {
        preprocessing,
        architecture: space.architecture,
        seed,
        epochs: epochs ?? space.epochs,
        ...(minutes === undefined ? {} : { minutes }),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      },
    }
  })
}

function tooFew(space: string, dataset: string, { structures }: SliceNeeds): LshError {
  const [what, hint] = structures
    ? ['a dose and drawn targets', 'Load plans with dose and structures']
    : ['a dose', 'Load plans with dose']
  return new LshError(
    'LSH03',
    `too few patients of data set "${dataset}" have ${what} to train space "${space}" on`,
    { hint: `${hint}, or train a space of CT.` },
  )
}

async function refuseExisting(store: Store, spaces: readonly string[]): Promise<void> {
  const existing = await store.db
    .selectFrom('cbir.encoder')
    .select('name')
    .where('name', 'in', [...spaces])
    .executeTakeFirst()
  if (!existing) return
  throw new LshError('bad_usage', `space "${existing.name}" is already trained`, {
    hint: 'Train it again with --replace, which drops its features and indexes.',
  })
}
