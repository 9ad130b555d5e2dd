import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import type { Store } from '../connection/connect.js'
import { cohortsOf, personsSearched, type CohortOptions, type Cohorts } from './cohorts.js'
import { patientsOf } from './patients.js'

export interface FoldOptions extends CohortOptions {
  /** Groups of patients that ask in turn, while all others are searched. (Default: no groups, those held out ask) */
  folds?: number | undefined
}

/**
 * Who asks and who is searched, in turn: each patient of the data set asks in one fold and is searched in the others.
 * Without folds those of `cohortsOf`, once.
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
    throw new LshError('bad_usage', `${own.length} patients make no ${folds} folds`, {
      hint: `Choose 2 to ${Math.max(2, own.length)} folds, or 0 for the patients that are held out.`,
    })
  }
  const order = permutation(own.length, random(seed))
  const cohorts: Cohorts[] = []
  for (let fold = 0; fold < folds; fold++) {
    const asking = own.filter((_, i) => order[i]! % folds === fold)
    cohorts.push({ asking, searched: await personsSearched(store, dataset, asking, against) })
  }
  return cohorts
}

/** Folds of a report: five, where as many patients with plans are there twice, else none. */
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
