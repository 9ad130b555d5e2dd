import { LshError } from '../../core/errors.js'
import type { AnyPreprocessing, TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import type { Store } from '../connection/connect.js'
import { addEncoder } from '../spaces/encoders.js'
import { ENCODED_SPACES, JOINT_SPACES } from './known-spaces.js'
import { JOINT_PICTURE_SPACES } from './picture-spaces.js'
import { PLAN_SPACES } from './plan-vectors.js'

/**
 * Stores an ONNX model as the encoder of a space of slices, images or neurons, and creates the space. Does nothing if
 * the model is already the encoder of that space. It counts as trained on no patient of the database, so that all of
 * them may be queries.
 *
 * @throws LshError `bad_usage` for the name of a built-in space, or of a space with another encoder
 */
export async function addOnnxModel(
  store: Store,
  space: string,
  trained: TrainedEncoder<AnyPreprocessing>,
): Promise<void> {
  const others = [ENCODED_SPACES, JOINT_SPACES, JOINT_PICTURE_SPACES, PLAN_SPACES]
  if (others.some((known) => Object.hasOwn(known, space)))
    throw new LshError(
      'bad_usage',
      `space "${space}" is built in and cannot have an imported encoder`,
      {
        hint: 'Choose another name, such as image_own or ct_own.',
      },
    )
  await store.transaction(async (transaction) => {
    const { db } = transaction
    const existing = await db
      .selectFrom('cbir.space')
      .leftJoin('cbir.encoder', 'cbir.encoder.name', 'cbir.space.name')
      .select(['cbir.space.name', 'checksum'])
      .where('cbir.space.name', '=', space)
      .executeTakeFirst()
    if (!existing) {
      await addEncoder(transaction, trained, { name: space, dataset: '', trainedOn: [] })
      return
    }
    if (existing.checksum === trained.checksum) return
    throw new LshError('bad_usage', `space "${space}" already exists with another encoder`, {
      hint: `Choose another name, or drop it first: pg-lsh sql "select cbir.drop_space('${space}')".`,
    })
  })
}
