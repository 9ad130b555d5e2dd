import { sql } from 'kysely'
import { assertFlag, assertList, assertOptions, assertText } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { assertCount } from '../search/nearest-arguments.js'
import { similarSlices } from '../search/similar-slices.js'
import type { Store } from '../store/connect.js'
import { assertStore } from '../store/handles.js'
import type { Comparison } from './compare-with-exact.js'

export interface CompareOptions {
  /** Neighbours that are compared. (Default: 10) */
  k?: number
  /** Leaves out all slices of the query's own patient. (Default: true) */
  excludeSamePatient?: boolean
  /** Codes re-ranked by exact distance. (Default: the index's) */
  candidates?: number
  /** Buckets visited at first. (Default: the index's) */
  probes?: number
  /** Told after each query. (Default: nobody is told) */
  onProgress?: () => void
  /** Stops between two queries. (Default: none) */
  signal?: AbortSignal
}

/** How one query fared: a row of `cbir.compare_slices`, and the time of the search. */
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
    onProgress,
    signal,
  } = options
  const compared: ComparedQuery[] = []
  for (const item of items) {
    signal?.throwIfAborted()
    const { rows } = await sql<Omit<ComparedQuery, 'milliseconds'>>`
      select * from cbir.compare_slices(${space}::text, array[${item}::int], array[${k}::int],
        exclude_same_patient => ${excludeSamePatient}::boolean,
        candidates => ${candidates}::int, probes => ${probes}::int)`.execute(store.db)
    const started = performance.now()
    await similarSlices(store.db, item, {
      space,
      k,
      excludeSamePatient,
      ...(candidates === null ? {} : { candidates }),
      ...(probes === null ? {} : { probes }),
    }).execute()
    const milliseconds = performance.now() - started
    // No row: nothing is left to compare with, as when all slices are of one patient.
    for (const row of rows) compared.push({ ...row, milliseconds })
    onProgress?.()
  }
  if (compared.length > 0) return compared
  throw new LshError('LSH03', `space "${space}" has nothing to compare: ${items.length} queries`, {
    hint: 'Load and encode plans of several patients, of whom some were not trained on.',
  })
}
