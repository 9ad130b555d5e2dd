import { availableParallelism } from 'node:os'
import { ahead } from '../../core/ahead.js'
import type { Threads } from '../../core/threads.js'
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

/** Computes the features that a space lacks. */
export interface FeatureSource {
  /** Yields the missing features, in the order of their items. */
  features(): AsyncGenerator<Feature[]>
  close(): Promise<void>
}

/**
 * Opens the source of the features of a space: its encoder, or the spaces that it is computed from.
 *
 * @throws LshError `LSH01` for an unknown space
 */
export async function openFeatureSource(store: Store, space: string): Promise<FeatureSource> {
  const { parts, pooling } = await readSpace(store, space)
  if (parts) return derivedSource(() => joinedFeatures(store, space, parts))
  if (pooling) return derivedSource(() => pooledFeatures(store, space, pooling))
  return encodedSource(store, space)
}

/** A source of features that are computed from other spaces, without an encoder. */
function derivedSource(features: FeatureSource['features']): FeatureSource {
  return { features, close: () => Promise.resolve() }
}

async function encodedSource(store: Store, space: string): Promise<FeatureSource> {
  const trained = await readAnyEncoder(store, space)
  if (encodesPictures(trained)) {
    const kind = kindOfView(trained.preprocessing)
    return encodedItems(trained.dims, pictureEncoder(trained), {
      missing: (startAfter) => picturesWithout(store, space, { kind, startAfter }),
      packed: (picture) => picture,
    })
  }
  const slices = await readEncoder(store, space)
  const { preprocessing } = slices
  return encodedItems(trained.dims, sliceEncoder(slices), {
    missing: (startAfter) => slicesWithout(store, space, { preprocessing, startAfter }),
    packed: ({ image }) => image,
  })
}

/** How items are read, and which part of each is sent to the encoding threads. */
interface Items<Item, Packed> {
  /** Yields items without features whose keys are greater than `startAfter`, in the order of their keys. */
  missing: (startAfter: number) => AsyncGenerator<Item[]>
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
  // New items have greater keys, so that a later call of `features` need not check all items again.
  let after = 0
  return {
    async *features() {
      // One batch more than there are threads, so that it is ready for the first thread that is free.
      const limit = availableParallelism() + 1
      for await (const { items, vectors } of ahead(missing(after), encoded, { limit })) {
        yield items.map(({ item }, i) => ({
          item,
          vector: vectors.subarray(i * dims, (i + 1) * dims),
        }))
        // The caller asks for the next batch only after it has stored this one.
        after = items.at(-1)?.item ?? after
      }
    },
    close: () => threads.close(),
  }
}
