import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'
import { encodersSeen } from '../spaces/encoders.js'
import { assertDataset, patientsOf, splitPatients } from './patients.js'

/** Patients of the queries and of the archive of an evaluation; no patient is in both. */
export interface Cohorts {
  readonly asking: readonly number[]
  readonly searched: readonly number[]
}

export interface CohortOptions {
  /** Data sets of the archive. (Default: all; from the data set of the queries, the other patients) */
  against?: readonly string[] | undefined
  /** Spaces to measure: patients that their encoders were trained on are not queries, if possible. (Default: none) */
  spaces?: readonly string[]
  /** Seed of the choice of queries if neither the source nor the encoders determine them. (Default: 1) */
  seed?: number
}

/**
 * Chooses the patients whose slices are queries: those that the source calls `test`, if other patients remain for the
 * archive; otherwise those that no encoder of the spaces was trained on; otherwise, if these are all patients or none,
 * a seeded sixth. A person with the same pseudonym in two data sets is not in the archive of their own queries.
 *
 * @throws LshError `LSH01` for an unknown data set, `LSH03` if no patient remains for the archive
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
 * The archive for query patients: all patients of the searched data sets whose pseudonym is not that of a query
 * patient.
 *
 * @throws LshError `LSH01` for an unknown data set, `LSH03` if no patient remains
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

/** Patients with plans in all data sets, in the order of their ids. */
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
  return new LshError('LSH03', `no patients remain for the archive of "${dataset}"`, {
    hint: 'Load plans of other patients, or name other data sets with --against.',
  })
}
