import { sql } from 'kysely'
import { LshError } from '../core/errors.js'
import type { Channel } from '../core/plan.js'
import { frame, preprocessingOf, type Preprocessing } from '../encode/frame.js'
import { trainSideBySide, type TrainingJob } from '../encode/train-side-by-side.js'
import type { EpochRecord, TrainedEncoder } from '../encode/trained-encoder.js'
import type { Store } from './connect.js'
import { addEncoder } from './encoders.js'
import { patientsOf, splitPatients } from './patients.js'
import { slicesOf } from './slices.js'

/** Spaces that have an encoder of their own, and what it looks at. */
export const ENCODED_SPACES: Readonly<Record<string, { channel: Channel; architecture: string }>> =
  {
    ct_shallow: { channel: 'ct', architecture: 'shallow' },
    dose_shallow: { channel: 'dose', architecture: 'shallow' },
    // What encoders are compared with.
    pixels: { channel: 'ct', architecture: 'pixels' },
    pca128: { channel: 'ct', architecture: 'pca128' },
  }

/** Spaces that join others, with their parts. */
export const JOINT_SPACES: Readonly<Record<string, readonly string[]>> = {
  joint_shallow: ['ct_shallow', 'dose_shallow'],
}

export interface TrainSpacesOptions {
  /** Decides the split, the first weights and the order of slices. (Default: 1) */
  seed?: number
  /** Passes over the slices at most. (Default: that of trainEncoder) */
  epochs?: number
  /** Of each plan, every n-th slice is trained on: neighbours are nearly equal. (Default: 2) */
  every?: number
  /** Drops a trained encoder with its features first. (Default: false, an error) */
  replace?: boolean
  /** Told after each pass over the slices. (Default: nobody is told) */
  onProgress?: (space: string, record: EpochRecord) => void
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
): Promise<TrainedEncoder[]> {
  const { seed = 1, epochs, every = 2, replace = false, onProgress, signal } = options
  const chosen = spaces.map((space) => ({ space, ...describe(space) }))
  if (!replace) await refuseExisting(store, spaces)
  const { train, validation } = splitPatients(await patientsOf(store, dataset), seed)
  const preprocessings = chosen.map(({ channel }) => preprocessingOf(channel))
  const trainFrames = await framesOf(store, train, preprocessings, every)
  const validationFrames = await framesOf(store, validation, preprocessings, every)
  const jobs = chosen.map(({ space, architecture }, i): TrainingJob => ({
    name: space,
    frames: {
      train: trainFrames[i] as Float32Array,
      validation: validationFrames[i] as Float32Array,
    },
    options: {
      preprocessing: preprocessings[i] as Preprocessing,
      architecture,
      seed,
      ...(epochs === undefined ? {} : { epochs }),
    },
  }))
  const trained = await trainSideBySide(jobs, {
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  })
  await store.transaction(async (transaction) => {
    for (const [i, encoder] of trained.entries()) {
      const name = (chosen[i] as { space: string }).space
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

function describe(space: string): { channel: Channel; architecture: string } {
  const known = ENCODED_SPACES[space]
  if (known) return known
  throw new LshError('bad_usage', `there is no encoder for a space "${space}"`, {
    hint: `Choose among: ${Object.keys(ENCODED_SPACES).join(', ')}.`,
  })
}

async function refuseExisting(store: Store, spaces: readonly string[]): Promise<void> {
  const standing = await store.db
    .selectFrom('cbir.encoder')
    .select('name')
    .where('name', 'in', [...spaces])
    .executeTakeFirst()
  if (!standing) return
  throw new LshError('bad_usage', `space "${standing.name}" is trained already`, {
    hint: 'Train it again with --replace, which drops its features and indexes.',
  })
}

/** The frames of patients' slices, once for each preprocessing; the slices are read once. */
async function framesOf(
  store: Store,
  patients: readonly number[],
  preprocessings: readonly Preprocessing[],
  every: number,
): Promise<Float32Array[]> {
  const frames: Float32Array[][] = preprocessings.map(() => [])
  for await (const slices of slicesOf(store, patients, { every })) {
    preprocessings.forEach((preprocessing, i) => {
      for (const { image } of slices) frames[i]?.push(frame(image, preprocessing))
    })
  }
  return frames.map((list, i) => {
    const pixels = (preprocessings[i] as Preprocessing).size ** 2
    // In memory that threads share, so that starting one copies nothing.
    const all = new Float32Array(new SharedArrayBuffer(4 * pixels * list.length))
    list.forEach((one, at) => all.set(one, at * pixels))
    return all
  })
}
