import { ownEntry } from '../../core/own-entry.js'
import { readOnnxModel } from '../../encode/onnx/import-onnx.js'
import { addOnnxModel } from '../../store/encode/add-onnx.js'
import { reconstructionText } from '../../report/figures/quality-text.js'
import type { Store } from '../../store/connection/connect.js'
import { keepQuality } from '../../store/spaces/encoders.js'
import { encodeSpace, pendingItems } from '../../store/encode/features.js'
import { createPlanSpace, PLAN_SPACES } from '../../store/encode/plan-vectors.js'
import { JOINT_PICTURE_SPACES, pictureSpace } from '../../store/encode/picture-spaces.js'
import { createJointSpace } from '../../store/spaces/spaces.js'
import { readSpace } from '../../store/spaces/read-space.js'
import { JOINT_SPACES, epochsOf } from '../../store/encode/known-spaces.js'
import { trainSpaces, type TrainSpacesOptions } from '../../store/encode/train-spaces.js'
import type { AnyPreprocessing, TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'
import { measure } from './measure.js'

/** Trains encoders in parallel, prints loss and remaining time, and stores their reconstruction quality. */
export async function train(
  context: Context,
  store: Store,
  options: TrainSpacesOptions & { dataset: string; spaces: readonly string[] },
): Promise<TrainedEncoder<AnyPreprocessing>[]> {
  const { output } = context
  const { dataset, spaces } = options
  const trained = await trainWithProgress(context, store, options)
  const measured: TrainedEncoder<AnyPreprocessing>[] = []
  for (const [i, encoder] of trained.entries()) {
    const space = spaces[i] as string
    // After it is stored, so that an interruption loses no training.
    const quality = pictureSpace(space) ? [] : await measure(context, store, space, dataset)
    await keepQuality(store, space, quality)
    measured.push({ ...encoder, quality })
    const { history, checksum, backend } = encoder
    output.say(
      `${space}: best of ${history.length} epochs, back end ${backend}, checksum ${checksum.slice(0, 12)}`,
    )
    for (const one of quality) output.say(`${space}: ${reconstructionText(one)}`)
  }
  return measured
}

async function trainWithProgress(
  { output, signal }: Context,
  store: Store,
  options: TrainSpacesOptions & { dataset: string; spaces: readonly string[] },
): Promise<TrainedEncoder<AnyPreprocessing>[]> {
  const { dataset, spaces } = options
  const passes = spaces.map((space) => options.epochs ?? epochsOf(space))
  const total = passes.reduce((sum, epochs) => sum + epochs, 0)
  const progress = startProgress(output, `train ${spaces.join(', ')}`, total)
  try {
    return await trainSpaces(store, dataset, spaces, {
      ...options,
      signal,
      onSplit: ({ train, validation, test, named }) => {
        if (!named)
          output.say(
            `${test.length} of ${train.length + validation.length + test.length} patients are held out as queries, chosen by seed, because the data set names no test patients, or almost only test patients`,
          )
      },
      onProgress: (space, { epoch, validationLoss }) => {
        progress.advance(
          1,
          `${space}: validation error ${validationLoss.toPrecision(3)} after ${epoch} epochs`,
        )
      },
    })
  } finally {
    progress.finish()
  }
}

/** Fills a space with the features of an ONNX model, which is imported as its encoder if necessary. */
export async function encodeByModel(
  context: Context,
  store: Store,
  space: string,
  model: string,
): Promise<number> {
  const trained = await readOnnxModel(model)
  await addOnnxModel(store, space, trained)
  context.output.say(
    `${space}: ${trained.dims} numbers per item, checksum ${trained.checksum.slice(0, 12)}`,
  )
  return encode(context, store, space)
}

/** Fills a space; a joint space, or one of plans, is created first if it does not exist. */
export async function encode(
  { output, signal }: Context,
  store: Store,
  space: string,
  options: { weights?: readonly number[] } = {},
): Promise<number> {
  const parts = ownEntry(JOINT_SPACES, space)?.map((part) => [part, 1] as const)
  const joined = parts ?? Object.entries(ownEntry(JOINT_PICTURE_SPACES, space) ?? {})
  if (joined.length > 0) {
    await createJointSpace(
      store,
      space,
      joined.map(([part, weight], i) => ({ space: part, weight: options.weights?.[i] ?? weight })),
    )
  }
  const pooled = ownEntry(PLAN_SPACES, space)
  if (pooled) await createPlanSpace(store, space, pooled)
  await readSpace(store, space)
  const progress = startProgress(output, `encode ${space}`, await pendingItems(store, space))
  try {
    return await encodeSpace(store, space, {
      signal,
      onProgress: (items) => progress.advance(items),
    })
  } finally {
    progress.finish()
  }
}
