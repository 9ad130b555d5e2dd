import { LshError } from '../core/errors.js'
import type { Store } from '../store/connection/connect.js'
import type { Evaluation } from './evaluation.js'

/** A run stored in `cbir.evaluation`. */
export interface StoredEvaluation extends Evaluation {
  readonly id: number
  readonly created: Date
}

/** Stores a run; returns it as stored. */
export async function saveEvaluation(
  store: Store,
  evaluation: Evaluation,
): Promise<StoredEvaluation> {
  const { dataset, seed, versions, settings, spaces, across_patients, seconds } = evaluation
  const { id, created_at } = await store.db
    .insertInto('cbir.evaluation')
    .values({
      dataset,
      seed,
      versions: JSON.stringify(versions),
      settings: JSON.stringify(settings),
      spaces: JSON.stringify(spaces),
      across_patients: JSON.stringify(across_patients),
      seconds,
    })
    .returning(['id', 'created_at'])
    .executeTakeFirstOrThrow()
  return { ...evaluation, id, created: created_at }
}

/**
 * Reads a stored run.
 *
 * @throws LshError `LSH01` if there is no run of that number.
 */
export async function readEvaluation(store: Store, id: number): Promise<StoredEvaluation> {
  const row = await store.db
    .selectFrom('cbir.evaluation')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) {
    throw new LshError('LSH01', `evaluation ${id} does not exist`, {
      hint: 'List them: pg-lsh sql "select id, dataset, created_at from cbir.evaluation".',
    })
  }
  const { created_at, ...rest } = row
  // Only saveEvaluation writes this column.
  return { ...(rest as unknown as Evaluation & { id: number }), created: created_at }
}
