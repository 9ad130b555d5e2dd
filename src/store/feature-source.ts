import { availableParallelism } from 'node:os'
import { ahead } from '../core/ahead.js'
import { channelsOf } from '../encode/frame.js'
import type { Store } from './connect.js'
import { sliceEncoder } from './encode-slices.js'
import { readEncoder } from './encoders.js'
import { joinedFeatures } from './joined-features.js'
import { pooledFeatures } from './plan-vectors.js'
import { slicesWithout, type PackedSlice } from './slices.js'
import { readSpace } from './spaces.js'

/** An item with its vector in a space. */
export interface Feature {
  readonly item: number
  readonly vector: Float32Array
}

/** Where the features of a space come from. */
export interface FeatureSource {
  /** Features that are missing, in the order of their items. */
  features(): AsyncGenerator<Feature[]>
  close(): Promise<void>
}

/** @throws LshError `LSH01` for an unknown space. */
export async function openFeatureSource(store: Store, space: string): Promise<FeatureSource> {
  const { parts, pooling } = await readSpace(store, space)
  if (parts) return madeOfOthers(() => joinedFeatures(store, space, parts))
  if (pooling) return madeOfOthers(() => pooledFeatures(store, space, pooling))
  return encodedSource(store, space)
}

/** Features that come from other spaces, without an encoder. */
function madeOfOthers(features: FeatureSource['features']): FeatureSource {
  return { features, close: () => Promise.resolve() }
}

async function encodedSource(store: Store, space: string): Promise<FeatureSource> {
  const trained = await readEncoder(store, space)
  const { dims, preprocessing } = trained
  const threads = sliceEncoder(trained)
  const encoded = async (slices: readonly PackedSlice[]) => ({
    slices,
    vectors: await threads.run(slices.map(({ image }) => image)),
  })
  // New items come behind those that were looked at, so that no later look goes through all of them again.
  let after = 0
  return {
    async *features() {
      const missing = slicesWithout(store, space, {
        channels: channelsOf(preprocessing),
        behind: after,
      })
      // One batch more than there are threads, which waits for the first that is free.
      const limit = availableParallelism() + 1
      for await (const { slices, vectors } of ahead(missing, encoded, { limit })) {
        yield slices.map(({ item }, i) => ({
          item,
          vector: vectors.subarray(i * dims, (i + 1) * dims),
        }))
        // Not before they are stored, which is when more is asked for.
        after = slices.at(-1)?.item ?? after
      }
    },
    close: () => threads.close(),
  }
}
