import { sql } from 'kysely'
import { assertFlag, assertList, assertOptions, assertText } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { assertCount } from '../search/asserted-query.js'
import { nearest } from '../search/nearest.js'
import { similarSlices } from '../search/similar-slices.js'
import type { Store } from '../store/connection/connect.js'
import type { Features } from '../store/connection/database.js'
import { assertStore } from '../store/connection/handles.js'
import { assertDataset } from '../store/plans/patients.js'
import { compareWithExact, type Comparison } from './compare-with-exact.js'

export interface CompareOptions {
  /** Neighbours to compare. (Default: 10) */
  k?: number
  /** Leaves out all slices of the query's own patient. (Default: true) */
  excludeSamePatient?: boolean
  /** Candidates to re-rank by exact distance. (Default: that of the index) */
  candidates?: number
  /** Buckets to visit at first. (Default: that of the index) */
  probes?: number
  /** Data sets to search. (Default: all) */
  against?: readonly string[]
  /** Called after each query. (Default: none) */
  onProgress?: () => void
  /** Stops between two queries. (Default: none) */
  signal?: AbortSignal
}

/** Comparison of one query: a row of `cbir.compare_slices`, and the time of the search. */
export interface ComparedQuery extends Comparison {
  item_id: number
  /** Wall time of `cbir.similar_slices`, in milliseconds. */
  milliseconds: number
}

/** Compares the search of a space with the exact neighbours, query by query. */
export async function compareSpace(
  store: Store,
  space: string,
  items: readonly number[],
  options: CompareOptions = {},
): Promise<ComparedQuery[]> {
  assertStore(store)
  assertText('the space', space, 'Name it: "select name from cbir.space" lists them.')
  assertList('the list of slices', items, 'Give their item_ids: [400, 401].')
  assertOptions(options, [
    'k',
    'excludeSamePatient',
    'candidates',
    'probes',
    'against',
    'onProgress',
    'signal',
  ])
  for (const name of ['k', 'candidates', 'probes'] as const)
    if (options[name] !== undefined) assertCount(name, options[name])
  assertFlag('excludeSamePatient', options.excludeSamePatient)
  const {
    k = 10,
    excludeSamePatient = true,
    candidates = null,
    probes = null,
    against,
    onProgress,
    signal,
  } = options
  for (const name of against ?? []) await assertDataset(store, name)
  const compared: ComparedQuery[] = []
  const how = {
    space,
    k,
    ...(candidates === null ? {} : { candidates }),
    ...(probes === null ? {} : { probes }),
  }
  for (const item of items) {
    signal?.throwIfAborted()
    const rows = against
      ? await comparedAgainst(store, item, { ...how, excludeSamePatient, against })
      : await comparedWithAll(store, item, { ...how, excludeSamePatient })
    const started = performance.now()
    await similarSlices(store.db, item, {
      ...how,
      excludeSamePatient,
      ...(against && { where: (slice) => slice('cbir.slices.dataset', 'in', against) }),
    }).execute()
    const milliseconds = performance.now() - started
    // No row: there are no slices to compare with, for example if all are of one patient.
    for (const row of rows) compared.push({ ...row, milliseconds })
    onProgress?.()
  }
  if (compared.length > 0) return compared
  throw new LshError(
    'LSH03',
    `space "${space}" has no neighbours to compare for ${items.length} queries`,
    {
      hint: 'Load and encode plans of several patients, and hold some of them out from training.',
    },
  )
}

type Compared = Omit<ComparedQuery, 'milliseconds'>
type How = Pick<CompareOptions, 'candidates' | 'probes'> & {
  space: string
  k: number
  excludeSamePatient: boolean
}

async function comparedWithAll({ db }: Store, item: number, how: How): Promise<Compared[]> {
  const { space, k, excludeSamePatient, candidates = null, probes = null } = how
  const { rows } = await sql<Compared>`
    select * from cbir.compare_slices(${space}::text, array[${item}::int], array[${k}::int],
      exclude_same_patient => ${excludeSamePatient}::boolean,
      candidates => ${candidates}::int, probes => ${probes}::int)`.execute(db)
  return rows
}

/** As above, for a search in some data sets only. */
async function comparedAgainst(
  { db }: Store,
  item: number,
  { space, excludeSamePatient, against, ...how }: How & { against: readonly string[] },
): Promise<Compared[]> {
  const searched = sql<number>`any(array(
    select plan.id
    from cbir.plan
      join cbir.patient on patient.id = plan.patient_id
    where patient.dataset = any(${against}::text[]) and not (${excludeSamePatient}::boolean and patient.id in (
      select own.patient_id from cbir.plan as own join cbir.slice on slice.plan_id = own.id where slice.item_id = ${item}
    ))))`
  const spaces = db.withTables<{ 'space.any': Features }>()
  const query = nearest(spaces, `space.${space}` as 'space.any', { ...how, to: { item } })
    .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
    .where('slice.plan_id', '=', searched)
    .select('near.item_id')
  const compared = await compareWithExact(spaces, query)
  if (!compared) return []
  const { found, exact, ...figures } = compared
  return found.length + exact.length > 0 ? [{ item_id: item, ...figures }] : []
}
