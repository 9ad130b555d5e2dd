import { LshError } from '../../core/errors.js'
import type { AnyPreprocessing, TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import type { Store } from '../connection/connect.js'
import { addEncoder } from '../spaces/encoders.js'
import { ENCODED_SPACES, JOINT_SPACES } from './known-spaces.js'
import { JOINT_PICTURE_SPACES } from './picture-spaces.js'
import { PLAN_SPACES } from './plan-vectors.js'

/**
 * Keeps a model in ONNX as the encoder of a space of slices, images or neurons, and creates the space; does nothing where it is
 * the encoder of that space. It has seen no slice or picture of any data set: all may be queries.
 *
 * @throws LshError `bad_usage` for a space that is another one
 */
export async function addOnnxModel(
  store: Store,
  space: string,
  trained: TrainedEncoder<AnyPreprocessing>,
): Promise<void> {
  const others = [ENCODED_SPACES, JOINT_SPACES, JOINT_PICTURE_SPACES, PLAN_SPACES]
  if (others.some((known) => Object.hasOwn(known, space)))
    throw new LshError('bad_usage', `space "${space}" is not a space for a model`, {
      hint: 'Choose another name, such as image_own or ct_own.',
    })
  await store.transaction(async (transaction) => {
    const { db } = transaction
    const standing = await db
      .selectFrom('cbir.space')
      .leftJoin('cbir.encoder', 'cbir.encoder.name', 'cbir.space.name')
      .select(['cbir.space.name', 'checksum'])
      .where('cbir.space.name', '=', space)
      .executeTakeFirst()
    if (!standing) {
      await addEncoder(transaction, trained, { name: space, dataset: '', trainedOn: [] })
      return
    }
    if (standing.checksum === trained.checksum) return
    throw new LshError('bad_usage', `space "${space}" exists with another encoder`, {
      hint: `Choose another name, or drop it first: pg-lsh sql "select cbir.drop_space('${space}')".`,
    })
  })
}
