import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import type { Store } from '../connection/connect.js'
import { cohortsOf, personsSearched, type CohortOptions, type Cohorts } from './cohorts.js'
import { patientsOf } from './patients.js'

export interface FoldOptions extends CohortOptions {
  /**
   * Number of groups of patients that are queries in turn, with all others as the archive. (Default: none; the held-out
   * patients are the queries)
   */
  folds?: number | undefined
}

/**
 * Queries and archive of each fold: each patient of the data set is a query in one fold and in the archive of the
 * others. Without folds, the single split of `cohortsOf`.
 *
 * @throws LshError `bad_usage` for more folds than patients, `LSH01` and `LSH03` as `cohortsOf`
 */
export async function foldsOf(
  store: Store,
  dataset: string,
  { folds, ...options }: FoldOptions = {},
): Promise<Cohorts[]> {
  if (folds === undefined) return [await cohortsOf(store, dataset, options)]
  const { seed = 1, against } = options
  const own = (await patientsOf(store, dataset)).map(({ id }) => id)
  if (folds < 2 || folds > own.length) {
    throw new LshError(
      'bad_usage',
      `${own.length} patients cannot be divided into ${folds} folds`,
      {
        hint: `Choose 2 to ${Math.max(2, own.length)} folds, or 0 for the patients that are held out.`,
      },
    )
  }
  const order = permutation(own.length, random(seed))
  const cohorts: Cohorts[] = []
  for (let fold = 0; fold < folds; fold++) {
    const asking = own.filter((_, i) => order[i]! % folds === fold)
    cohorts.push({ asking, searched: await personsSearched(store, dataset, asking, against) })
  }
  return cohorts
}

/** Number of folds of a report: five if there are at least ten patients with plans, otherwise none. */
export async function usualFolds({ db }: Store, dataset: string): Promise<number> {
  const rows = await db
    .selectFrom('cbir.patient')
    .innerJoin('cbir.plan', 'cbir.plan.patient_id', 'cbir.patient.id')
    .select('cbir.patient.id')
    .distinct()
    .where('dataset', '=', dataset)
    .execute()
  return rows.length < 2 * FOLDS ? 0 : FOLDS
}

const FOLDS = 5
