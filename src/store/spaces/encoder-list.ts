import { sql } from 'kysely'
import type { EpochRecord, TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import type { Store } from '../connection/connect.js'

/** An encoder without its layers and weights. */
export interface EncoderSummary extends Pick<
  TrainedEncoder,
  | 'architecture'
  | 'dims'
  | 'preprocessing'
  | 'history'
  | 'baselineLoss'
  | 'loss'
  | 'quality'
  | 'backend'
  | 'seed'
  | 'checksum'
> {
  readonly name: string
  readonly dataset: string
  /** Number of patients that it was trained on. */
  readonly patients: number
  /** Number of passes of the training. */
  readonly epochs: number
  /** Size of the weights. */
  readonly bytes: number
}

/** The encoders of a database, in the order of their names. */
export async function listEncoders(store: Pick<Store, 'db'>): Promise<EncoderSummary[]> {
  const rows = await store.db
    .selectFrom('cbir.encoder')
    .select(['name', 'dataset', 'architecture', 'dims', 'preprocessing', 'history', 'training'])
    .select('checksum')
    .select([
      sql<number>`cardinality(trained_on)`.as('patients'),
      sql<number>`octet_length(weights)`.as('bytes'),
    ])
    .orderBy('name')
    .execute()
  return rows.map(({ training, history, ...row }) => ({
    ...row,
    history: history as EpochRecord[],
    epochs: (history as EpochRecord[]).length,
    // The type holds because only addEncoder writes this column.
    ...(training as Pick<TrainedEncoder, 'baselineLoss' | 'loss' | 'quality' | 'backend' | 'seed'>),
  })) as EncoderSummary[]
}
