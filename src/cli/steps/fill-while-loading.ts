import { availableParallelism } from 'node:os'
import type { Store } from '../../store/connection/connect.js'
import { withRetry, type RetryOptions } from '../../store/connection/retry.js'
import { openSpaceFiller, type SpaceFiller } from '../../store/encode/features.js'

/** Items that are loaded before they are encoded together: two batches per thread. */
const ENCODE_AFTER = 512 * availableParallelism()

/** Encodes items in some spaces while they are loaded. */
export interface Filling {
  /** Tells that items were loaded; encodes them if enough are waiting. */
  loaded(items: number): Promise<void>
  /** Encodes the items that are still waiting. */
  rest(): Promise<void>
  /** Number of features that were added, by space. */
  added(): Record<string, number>
  close(): Promise<void>
}

/** @throws LshError `LSH01` for an unknown space */
export async function openFilling(
  store: Store,
  spaces: readonly string[],
  retry: RetryOptions,
): Promise<Filling> {
  const fillers: { space: string; filler: SpaceFiller; added: number }[] = []
  for (const space of spaces) {
    const filler = await withRetry(store, () => openSpaceFiller(store, space), retry)
    fillers.push({ space, filler, added: 0 })
  }
  let waiting = 0
  const rest = async () => {
    waiting = 0
    for (const one of fillers) {
      const onProgress = (items: number) => (one.added += items)
      await withRetry(store, () => one.filler.fill({ onProgress, ...retry }), retry)
    }
  }
  return {
    loaded: async (items) => {
      waiting += items
      if (waiting >= ENCODE_AFTER) await rest()
    },
    rest,
    added: () => Object.fromEntries(fillers.map(({ space, added }) => [space, added])),
    close: async () => {
      for (const { filler } of fillers) await filler.close()
    },
  }
}
