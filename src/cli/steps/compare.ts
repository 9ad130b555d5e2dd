import {
  compareSpace,
  type ComparedQuery,
  type CompareOptions,
} from '../../compare/compare-space.js'
import { LshError } from '../../core/errors.js'
import type { Store } from '../../store/connection/connect.js'
import { queryItems } from '../../store/plans/patients.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

/** Compares the search of seeded queries of held-out patients with their exact neighbours. */
export async function compare(
  { output, signal }: Context,
  store: Store,
  space: string,
  {
    queries,
    seed,
    dataset,
    ...searchOptions
  }: Omit<CompareOptions, 'onProgress' | 'signal'> & {
    queries: number
    seed: number
    dataset?: string
  },
): Promise<ComparedQuery[]> {
  const items = await queryItems(store, space, {
    queries,
    seed,
    ...(dataset !== undefined && { dataset }),
  })
  if (items.length === 0) {
    throw new LshError('LSH03', `space "${space}" has no slices of held-out patients`, {
      hint: 'Load further plans and encode them, or train with held-out patients.',
    })
  }
  const progress = startProgress(output, `compare ${space}`, items.length)
  try {
    return await compareSpace(store, space, items, {
      ...searchOptions,
      signal,
      onProgress: () => progress.advance(1),
    })
  } finally {
    progress.finish()
  }
}
