import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Preprocessing } from '../../encode/frames/frame.js'
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
  /** Decides the split, the first weights and the order of slices. (Default: 1) */
  seed?: number
  /** Passes over the slices at most. (Default: that of the space) */
  epochs?: number
  /** Minutes that the training of an encoder takes at most. (Default: no limit) */
  minutes?: number
  /** Of each plan, every n-th slice is trained on. (Default: 1) */
  every?: number
  /** Rows and columns of the frames. (Default: 64) */
  size?: number
  /** Folder where the progress is kept after each pass, so that a training that was killed goes on. (Default: none) */
  checkpoint?: string
  /** Drops a trained encoder with its features first. (Default: false, an error) */
  replace?: boolean
  /** Told after each pass over the slices. (Default: nobody is told) */
  onProgress?: (space: string, record: EpochRecord) => void
  /** Told which patients play which part, before anything is trained. (Default: nobody is told) */
  onSplit?: (parts: PatientParts) => void
  /** Stops the training; nothing is stored then. (Default: none) */
  signal?: AbortSignal
}

/**
 * Trains the encoders of spaces side by side on the patients of a data set that are not set apart for
 * queries, and stores all of them in one transaction.
 *
 * @throws LshError `bad_usage` for a space without encoder or one that exists, `LSH03` for too few patients.
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
  const preprocessings = chosen.map((space) => spacePreprocessing(space, size))
  const frames = await trainingFrames(store, { train, validation }, preprocessings, { every })
  return chosen.map((space, i): TrainingJob => {
    const own = frames[i] as TrainingFrames
    if (own.train.length === 0 || own.validation.length === 0) throw noDose(space.space, dataset)
    return {
      name: space.space,
      frames: space.structures === false ? unaligned(own) : own,
      options: {
        preprocessing: preprocessings[i] as Preprocessing,
        architecture: space.architecture,
        seed,
        epochs: epochs ?? space.epochs,
        ...(minutes === undefined ? {} : { minutes }),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      },
    }
  })
}

function noDose(space: string, dataset: string): LshError {
  return new LshError(
    'LSH03',
    `too few patients of data set "${dataset}" have a dose to train space "${space}" on`,
    { hint: 'Load plans with dose, or train a space of CT.' },
  )
}

async function refuseExisting(store: Store, spaces: readonly string[]): Promise<void> {
  const standing = await store.db
    .selectFrom('cbir.encoder')
    .select('name')
    .where('name', 'in', [...spaces])
    .executeTakeFirst()
  if (!standing) return
  throw new LshError('bad_usage', `space "${standing.name}" is already trained`, {
    hint: 'Train it again with --replace, which drops its features and indexes.',
  })
}
