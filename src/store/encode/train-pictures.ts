import { LshError } from '../../core/errors.js'
import { frameLength, frameShape } from '../../encode/trained/frame-tensor.js'
import {
  frameContent,
  kindOfView,
  type PicturePreprocessing,
} from '../../encode/frames/picture-frame.js'
import type { PictureGroups } from '../../encode/frames/picture-groups.js'
import type { TrainingFrames } from '../../encode/training/train-options.js'
import type { TrainingJob } from '../../encode/training/train-side-by-side.js'
import type { Store } from '../connection/connect.js'
import type { PatientParts } from '../plans/patients.js'
import { pictureSpace, pictureSpacePreprocessing, type PictureSpace } from './picture-spaces.js'
import { picturesOf } from '../pictures/pictures.js'

export interface PictureJobsOptions {
  readonly seed: number
  readonly epochs?: number
  readonly minutes?: number
  readonly size?: number
  readonly checkpoint?: string
}

/**
 * The training jobs of spaces of images or neurons, with the frames of the training and validation sources.
 *
 * @throws LshError `bad_usage` for another space among them, `LSH03` if the sources of a part have none of the kind
 */
export async function pictureJobs(
  store: Store,
  spaces: readonly string[],
  { train, validation }: Pick<PatientParts, 'train' | 'validation'>,
  options: PictureJobsOptions,
): Promise<TrainingJob[]> {
  const { seed, epochs, minutes, size, checkpoint } = options
  const jobs: TrainingJob[] = []
  for (const name of spaces) {
    const space = pictureSpace(name)
    if (!space) throw mixed(name)
    const preprocessing = pictureSpacePreprocessing(space, size)
    const frames = await framesOf(store, { train, validation }, space, preprocessing)
    if (frames.train.length === 0 || frames.validation.length === 0) throw nothing(name, space)
    jobs.push({
      name,
      frames,
      options: {
        preprocessing,
        architecture: space.architecture,
        seed,
        epochs: epochs ?? space.epochs,
        ...(minutes === undefined ? {} : { minutes }),
        ...(checkpoint === undefined ? {} : { checkpoint }),
        // A pass over a few hundred images is short, and the error of a single one varies a lot.
        patience: PATIENCE,
      },
    })
  }
  return jobs
}

/** Passes without a lower validation error after which training stops. */
const PATIENCE = 15

async function framesOf(
  store: Store,
  { train, validation }: Pick<PatientParts, 'train' | 'validation'>,
  space: PictureSpace,
  preprocessing: PicturePreprocessing,
): Promise<TrainingFrames> {
  const labels = new Map<string, number>()
  const trained = await partOf(store, train, { space, preprocessing, labels })
  const validated = await partOf(store, validation, { space, preprocessing, labels })
  return {
    train: trained.frames,
    validation: validated.frames,
    groups: { train: trained.groups, validation: validated.groups },
  }
}

async function partOf(
  store: Store,
  sources: readonly number[],
  of: { space: PictureSpace; preprocessing: PicturePreprocessing; labels: Map<string, number> },
): Promise<{ frames: Float32Array; groups: PictureGroups }> {
  const { space, preprocessing, labels } = of
  const frames: Float32Array[] = []
  const [source, label]: [number[], number[]] = [[], []]
  for await (const pictures of picturesOf(store, sources, kindOfView(preprocessing)))
    for (const picture of pictures) {
      frames.push(frameContent(picture.content, preprocessing))
      source.push(picture.source)
      const name = space.labels ? picture.label : null
      if (name !== null && !labels.has(name)) labels.set(name, labels.size)
      label.push(name === null ? -1 : labels.get(name)!)
    }
  const length = frameLength(frameShape(preprocessing))
  // In shared memory, so that starting a thread copies nothing.
  const all = new Float32Array(new SharedArrayBuffer(4 * length * frames.length))
  frames.forEach((one, at) => all.set(one, at * length))
  return {
    frames: all,
    groups: { source: Int32Array.from(source), label: Int32Array.from(label) },
  }
}

function mixed(space: string): LshError {
  return new LshError(
    'bad_usage',
    `space "${space}" is not a space of images or neurons, but others are`,
    {
      hint: 'Train spaces of slices, and spaces of images or neurons, in separate runs.',
    },
  )
}

function nothing(space: string, { view }: PictureSpace): LshError {
  const kind = kindOfView(pictureSpacePreprocessing({ view } as PictureSpace, 16))
  return new LshError('LSH03', `the data set has too few ${kind}s to train space "${space}" on`, {
    hint: `Load some: "pg-lsh load ${kind === 'image' ? 'images' : 'swc'} DIR --dataset NAME".`,
  })
}
