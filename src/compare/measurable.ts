import { LshError } from '../core/errors.js'
import type { SliceNeeds } from '../encode/frames/frame.js'
import type { Store } from '../store/connection/connect.js'
import { alsoNeeded } from '../store/plans/held-out.js'
import { encodersSeen } from '../store/spaces/encoders.js'

/**
 * Whether an error means that a space is not trained, not filled, or trained on query patients, so that other spaces
 * can still be measured.
 */
export function cannotBeMeasured(error: unknown): error is LshError {
  return error instanceof LshError && (error.code === 'LSH01' || error.code === 'LSH03')
}

/** The error for a space without features of query plans. */
export function notFilled(space: string): LshError {
  return new LshError('LSH03', `some plans have no features in "${space}"`, {
    hint: `Encode them: "pg-lsh encode --space ${space}".`,
  })
}

/** The error for query patients without the slices that a space holds. */
export function noQueries(space: string, needs: SliceNeeds): LshError {
  return new LshError(
    'LSH03',
    `no plan of the query patients has slices${alsoNeeded(needs)}, which space "${space}" needs`,
    { hint: 'Load plans that have them, or query with other patients: --folds.' },
  )
}

/** @throws LshError `LSH03` if an encoder of the space was trained on one of these patients */
export async function assertUnseen(
  store: Store,
  space: string,
  patients: readonly number[],
): Promise<void> {
  for (const { name, trained_on: seen } of await encodersSeen(store, space)) {
    const leaked = patients.filter((patient) => seen.includes(patient)).length
    if (leaked === 0) continue
    throw new LshError(
      'LSH03',
      `encoder "${name}" was trained on ${leaked} of the ${patients.length} patients that it would be measured on`,
      { hint: `Train it with those held out: "pg-lsh train --space ${name} --replace".` },
    )
  }
}
