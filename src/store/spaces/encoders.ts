import { pixels } from '../../encode/architectures/pixels.js'
import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import {
  encodesPictures,
  type AnyPreprocessing,
  type TrainedEncoder,
} from '../../encode/trained/trained-encoder.js'
import type { Transaction } from '../connection/connect.js'

/** Origin of an encoder. */
export interface EncoderOrigin {
  readonly name: string
  readonly dataset: string
  /** Patients, or sources of images, that were used for training or validation. */
  readonly trainedOn: readonly number[]
}

/** Stores a trained encoder and creates the empty space of the same name, in the caller's transaction. */
export async function addEncoder(
  { db }: Transaction,
  trained: TrainedEncoder<AnyPreprocessing>,
  origin: EncoderOrigin,
): Promise<void> {
  const {
    architecture,
    dims,
    preprocessing,
    featureLayer,
    topology,
    weightSpecs,
    weights,
    history,
    checksum,
  } = trained
  const { baselineLoss, loss, quality, backend, seed } = trained
  await db
    .insertInto('cbir.encoder')
    .values({
      name: origin.name,
      dataset: origin.dataset,
      architecture,
      dims,
      preprocessing: JSON.stringify(preprocessing),
      topology: JSON.stringify({ featureLayer, topology, weightSpecs }),
      weights: Buffer.from(weights),
      history: JSON.stringify(history),
      training: JSON.stringify({ baselineLoss, loss, quality, backend, seed }),
      trained_on: [...origin.trainedOn],
      checksum,
    })
    .execute()
  await db
    .selectNoFrom((eb) =>
      eb
        .fn('cbir.create_space', [eb.val(origin.name), eb.val(dims), eb.val(origin.name)])
        .as('name'),
    )
    .execute()
}

/** Stores a new measurement of how well an encoder reconstructs images. */
export async function keepQuality(
  { db }: Pick<Transaction, 'db'>,
  name: string,
  quality: TrainedEncoder['quality'],
): Promise<void> {
  await db
    .updateTable('cbir.encoder')
    .set({ training: sql`training || ${JSON.stringify({ quality })}::jsonb` })
    .where('name', '=', name)
    .execute()
}

/**
 * Reads an encoder of slices.
 *
 * @throws LshError `LSH01` if it does not exist, `bad_usage` if it encodes images or neurons outside plans
 */
export async function readEncoder(
  db: Pick<Transaction, 'db'>,
  name: string,
): Promise<TrainedEncoder> {
  const trained = await readAnyEncoder(db, name)
  if (!encodesPictures(trained)) return trained as TrainedEncoder
  throw new LshError('bad_usage', `encoder "${name}" encodes images or neurons, not plans`, {
    hint: 'Name an encoder of slices: "select name from cbir.encoder" lists all encoders.',
  })
}

/**
 * Reads an encoder of any kind.
 *
 * @throws LshError `LSH01` if it does not exist.
 */
export async function readAnyEncoder(
  { db }: Pick<Transaction, 'db'>,
  name: string,
): Promise<TrainedEncoder<AnyPreprocessing>> {
  const row = await db
    .selectFrom('cbir.encoder')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) {
    throw new LshError('LSH01', `encoder "${name}" does not exist`, {
      hint: `Train it: "pg-lsh train --space ${name}".`,
    })
  }
  // The type holds because only addEncoder writes these columns; opening the encoder verifies its checksum.
  return {
    architecture: row.architecture,
    dims: row.dims,
    preprocessing: row.preprocessing,
    ...(row.topology as object),
    weights: new Uint8Array(row.weights),
    history: row.history,
    ...(row.training as object),
    checksum: row.checksum,
  } as TrainedEncoder<AnyPreprocessing>
}

/** The encoders whose features a space holds, with the patients that they were trained on, by name. */
export async function encodersSeen(
  { db }: Pick<Transaction, 'db'>,
  space: string,
): Promise<{ name: string; trained_on: number[] }[]> {
  return db
    .selectFrom('cbir.encoder')
    .select(['name', 'trained_on'])
    .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
    .orderBy('name')
    .execute()
}

/** Patients that the encoders of a space were trained on; none for the encoder `pixels`, which learns nothing. */
export async function patientsSeen(
  { db }: Pick<Transaction, 'db'>,
  space: string,
): Promise<Set<number>> {
  const rows = await db
    .selectFrom('cbir.encoder')
    .select('trained_on')
    .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
    .where('architecture', '<>', pixels.name)
    .execute()
  return new Set(rows.flatMap(({ trained_on }) => trained_on))
}
