import type { Store } from '../../store/connect.js'
import { encodeSpace, pendingItems } from '../../store/features.js'
import { createPlanSpace, PLAN_SPACES } from '../../store/plan-vectors.js'
import { createJointSpace, readSpace } from '../../store/spaces.js'
import { JOINT_SPACES, encodedSpace } from '../../store/known-spaces.js'
import { trainSpaces, type TrainSpacesOptions } from '../../store/train-spaces.js'
import type { TrainedEncoder } from '../../encode/trained-encoder.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

/** Trains encoders side by side, telling loss and time left. */
export async function train(
  { output, signal }: Context,
  store: Store,
  options: TrainSpacesOptions & { dataset: string; spaces: readonly string[] },
): Promise<TrainedEncoder[]> {
  const { dataset, spaces } = options
  const passes = spaces.map((space) => options.epochs ?? encodedSpace(space).epochs)
  const total = passes.reduce((sum, epochs) => sum + epochs, 0)
  const progress = startProgress(output, `train ${spaces.join(', ')}`, total)
  try {
    const trained = await trainSpaces(store, dataset, spaces, {
      ...options,
      signal,
      onSplit: ({ train, validation, test, named }) => {
        if (!named)
          output.say(
            `${test.length} of ${train.length + validation.length + test.length} patients are set apart for queries, by seed: the data names none for that, or hardly any others`,
          )
      },
      onProgress: (space, { epoch, validationLoss }) => {
        progress.advance(1, `${space}: ${psnr(validationLoss)} dB after ${epoch} epochs`)
      },
    })
    trained.forEach(({ psnrDb, history, checksum, backend }, i) => {
      output.say(
        `${spaces[i] ?? ''}: ${psnrDb.toFixed(1)} dB on patients not trained on, best of ${history.length} epochs, ` +
          `back end ${backend}, checksum ${checksum.slice(0, 12)}`,
      )
    })
    return trained
  } finally {
    progress.finish()
  }
}

/** Fills a space; a joint one, or one of plans, is created first where it does not exist. */
export async function encode(
  { output, signal }: Context,
  store: Store,
  space: string,
  options: { weights?: readonly number[] } = {},
): Promise<number> {
  const parts = JOINT_SPACES[space]
  if (parts) {
    await createJointSpace(
      store,
      space,
      parts.map((part, i) => ({ space: part, weight: options.weights?.[i] ?? 1 })),
    )
  }
  const pooled = PLAN_SPACES[space]
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

function psnr(loss: number): string {
  return (-10 * Math.log10(loss)).toFixed(1)
}
