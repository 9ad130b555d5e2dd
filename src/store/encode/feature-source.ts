import { availableParallelism } from 'node:os'
import { ahead } from '../../core/ahead.js'
import type { Threads } from '../../core/threads.js'
import { channelsOf } from '../../encode/frames/frame.js'
import { kindOfView } from '../../encode/frames/picture-frame.js'
import { encodesPictures } from '../../encode/trained/trained-encoder.js'
import type { Store } from '../connection/connect.js'
import { sliceEncoder } from './encode-slices.js'
import { pictureEncoder } from './encode-pictures.js'
import { readAnyEncoder, readEncoder } from '../spaces/encoders.js'
import type { Feature } from './feature.js'
import { joinedFeatures } from './joined-features.js'
import { pooledFeatures } from './plan-vectors.js'
import { picturesWithout } from '../pictures/pictures.js'
import { slicesWithout } from '../plans/slices.js'
import { readSpace } from '../spaces/read-space.js'

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
  const trained = await readAnyEncoder(store, space)
  if (encodesPictures(trained)) {
    const kind = kindOfView(trained.preprocessing)
    return encodedItems(trained.dims, pictureEncoder(trained), {
      missing: (behind) => picturesWithout(store, space, { kind, behind }),
      packed: (picture) => picture,
    })
  }
  const slices = await readEncoder(store, space)
  const channels = channelsOf(slices.preprocessing)
  return encodedItems(trained.dims, sliceEncoder(slices), {
    missing: (behind) => slicesWithout(store, space, { channels, behind }),
    packed: ({ image }) => image,
  })
}

/** Where items come from, and what of them goes to the threads that encode. */
interface Items<Item, Packed> {
  missing: (behind: number) => AsyncGenerator<Item[]>
  packed: (item: Item) => Packed
}

function encodedItems<Item extends { readonly item: number }, Packed>(
  dims: number,
  threads: Threads<readonly Packed[], Float32Array>,
  { missing, packed }: Items<Item, Packed>,
): FeatureSource {
  const encoded = async (items: readonly Item[]) => ({
    items,
    vectors: await threads.run(items.map(packed)),
  })
  // New items come behind those that were looked at, so that no later look goes through all of them again.
  let after = 0
  return {
    async *features() {
      // One batch more than there are threads, which waits for the first that is free.
      const limit = availableParallelism() + 1
      for await (const { items, vectors } of ahead(missing(after), encoded, { limit })) {
        yield items.map(({ item }, i) => ({
          item,
          vector: vectors.subarray(i * dims, (i + 1) * dims),
        }))
        // Not before they are stored, which is when more is asked for.
        after = items.at(-1)?.item ?? after
      }
    },
    close: () => threads.close(),
  }
}
