import type { Store } from '../../store/connection/connect.js'
import {
  createIndex,
  type CreatedIndex,
  type CreateIndexOptions,
} from '../../store/codes/create-index.js'
import { spaceSize } from '../../store/spaces/read-space.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

/** Creates and fills the hash index of a space, with progress. */
export async function indexSpace(
  { output, signal }: Context,
  store: Store,
  space: string,
  options: CreateIndexOptions,
): Promise<CreatedIndex & { codes: number }> {
  const codes = await spaceSize(store, space)
  const progress = startProgress(output, `index ${options.name ?? space}`, codes)
  try {
    const created = await createIndex(store, space, {
      ...options,
      signal,
      onProgress: (rows) => progress.advance(rows),
    })
    // An interrupted index already has some of its codes.
    progress.complete()
    return { ...created, codes }
  } finally {
    progress.finish()
  }
}
