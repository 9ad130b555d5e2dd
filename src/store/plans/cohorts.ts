import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'
import { encodersSeen } from '../spaces/encoders.js'
import { assertDataset, patientsOf, splitPatients } from './patients.js'

/** Who asks in an evaluation, and who is searched; nobody is in both. */
export interface Cohorts {
  readonly asking: readonly number[]
  readonly searched: readonly number[]
}

export interface CohortOptions {
  /** Data sets that are searched. (Default: all, of the one that asks those who do not ask) */
  against?: readonly string[] | undefined
  /** Spaces that are measured: whom their encoders have seen does not ask, if that can be avoided. (Default: none) */
  spaces?: readonly string[]
  /** Decides who asks where neither the source nor the encoders do. (Default: 1) */
  seed?: number
}

/**
 * Those who ask are the patients that the source calls `test` where others remain to be searched; else those that no
 * encoder of the spaces has seen; else, where that is everybody and nobody else is searched, or nobody, a seeded sixth.
 * A person who stands in two data sets under the same pseudonym is not searched while asking.
 *
 * @throws LshError `LSH01` for a data set that is not there, `LSH03` where nobody is left to be searched
 */
export async function cohortsOf(
  store: Store,
  dataset: string,
  options: CohortOptions = {},
): Promise<Cohorts> {
  const { against, spaces = [], seed = 1 } = options
  for (const name of against ?? []) await assertDataset(store, name)
  const own = await patientsOf(store, dataset)
  const rows = await plannedPatients(store)
  const isSearched = (name: string) => against === undefined || against.includes(name)
  const others = rows.filter((row) => row.dataset !== dataset && isSearched(row.dataset))
  const named = own.filter(({ split }) => split === 'test').map(({ id }) => id)
  const seen = new Set<number>()
  for (const space of spaces)
    for (const { trained_on } of await encodersSeen(store, space))
      trained_on.forEach((patient) => seen.add(patient))
  const unseen = own.filter(({ id }) => !seen.has(id)).map(({ id }) => id)
  const remain = (asking: readonly number[]) =>
    others.length + (isSearched(dataset) ? own.length - asking.length : 0)
  const chosen = [isSearched(dataset) ? named : [], unseen].find(
    (asking) => asking.length > 0 && remain(asking) > 0,
  )
  const asking = chosen ?? splitPatients(own, seed).test
  const searched = searchedFor(rows, asking, isSearched)
  if (searched.length > 0) return { asking: [...asking].sort((a, b) => a - b), searched }
  throw noneRemain(dataset)
}

/**
 * Whom patients who ask are compared with: all others of the data sets that are searched, none of them the same person.
 *
 * @throws LshError `LSH01` for a data set that is not there, `LSH03` where nobody is left
 */
export async function personsSearched(
  store: Store,
  dataset: string,
  asking: readonly number[],
  against: readonly string[] | undefined,
): Promise<number[]> {
  for (const name of against ?? []) await assertDataset(store, name)
  const isSearched = (name: string) => against?.includes(name) ?? true
  const searched = searchedFor(await plannedPatients(store), asking, isSearched)
  if (searched.length > 0) return searched
  throw noneRemain(dataset)
}

/** Patients with plans, of all data sets. */
async function plannedPatients({ db }: Store) {
  return db
    .selectFrom('cbir.patient')
    .innerJoin('cbir.plan', 'cbir.plan.patient_id', 'cbir.patient.id')
    .select(['cbir.patient.id', 'dataset', 'pseudonym'])
    .distinct()
    .orderBy('cbir.patient.id')
    .execute()
}

function searchedFor(
  rows: Awaited<ReturnType<typeof plannedPatients>>,
  asking: readonly number[],
  isSearched: (dataset: string) => boolean,
): number[] {
  const persons = new Set(
    rows.filter(({ id }) => asking.includes(id)).map(({ pseudonym }) => pseudonym),
  )
  return rows
    .filter((row) => isSearched(row.dataset) && !persons.has(row.pseudonym))
    .map(({ id }) => id)
}

function noneRemain(dataset: string): LshError {
  return new LshError('LSH03', `no patients remain to be searched for "${dataset}"`, {
    hint: 'Load plans of other patients, or name other data sets with --against.',
  })
}
