import { labelledFamilies } from '../store/codes/labelled-families.js'
import { LshError } from '../core/errors.js'
import { permutation, random } from '../core/random.js'
import type { Store } from '../store/connection/connect.js'
import {
  labelledItems,
  sourcesSeen,
  vectorsOf,
  type LabelledItem,
} from '../store/pictures/labelled-items.js'
import { readSpace } from '../store/spaces/read-space.js'
import { codeWords, onesIn } from '../core/code-words.js'
import { labelQuality, type Labelled, type LabelQuality } from './label-quality.js'
import { CALIBRATED, fitFamilies, measuredAsItIs, type MeasuredFamily } from './measured-family.js'

/** Quality of codes of one length. */
export interface CodedQuality {
  /** Kind of the families fitted for the measurement, or the name of a stored family that learned from classes. */
  readonly kind: string
  readonly bits: number
  /** Ranked by Hamming distance alone. */
  readonly hamming: LabelQuality
  /** The best by Hamming distance, re-ranked by true distance. */
  readonly reranked: LabelQuality
}

/** Retrieval quality of a space of images or neurons. */
export interface PictureQuality {
  readonly space: string
  readonly dims: number
  readonly exact: LabelQuality
  /** Empty for spaces with more than 1024 dimensions. */
  readonly codes: readonly CodedQuality[]
}

/** Quality of all spaces on the same queries. */
export interface PicturesMeasured {
  readonly items: number
  /** Number of items that no encoder of the spaces was trained on, and their sources and classes. */
  readonly queries: number
  readonly sources: number
  readonly spaces: readonly PictureQuality[]
}

export interface MeasurePicturesOptions {
  seed: number
  /** Called before each space. (Default: none) */
  onStep?: (space: string) => void
  signal?: AbortSignal
}

const BITS = [64, 256, 512] as const
/** Most dimensions of spaces whose codes are measured; raw pixels would take many times as long. */
const LONGEST_CODED = 1024
/** Most dimensions for a learned rotation, whose time grows with their cube. */
const LONGEST_ROTATED = 256
/** Items to re-rank, the default of searches. */
const RERANKED = 100

/**
 * Measures retrieval in spaces of images or neurons of a data set, exactly and by codes. Queries are the items whose
 * source no encoder of the spaces was trained on and whose class no stored family learned; the measured families are
 * fitted to the others. Except for duplicates, a query is only compared with items of other sources.
 *
 * @throws LshError `LSH03` if no items are in all spaces, or encoders were trained on all of them
 */
export async function measurePictures(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  options: MeasurePicturesOptions,
): Promise<PicturesMeasured> {
  const { seed, onStep, signal } = options
  const items = await labelledItems(store, dataset, spaces)
  const seen = await sourcesSeen(store, spaces)
  const trained = new Map<string, MeasuredFamily[]>()
  for (const space of spaces) {
    const families = await labelledFamilies(store, space)
    for (const { trainedOn } of families) for (const source of trainedOn) seen.add(source)
    trained.set(
      space,
      families.map(({ family }) => measuredAsItIs(family, family.name)),
    )
  }
  const labelled = labelledOf(items, seen)
  if (labelled.queries.length === 0) throw noQueries(dataset, spaces, items.length)
  const measured: PictureQuality[] = []
  for (const space of spaces) {
    signal?.throwIfAborted()
    onStep?.(space)
    const { dims } = await readSpace(store, space)
    const keys = items.map(({ item }) => item)
    const vectors = await vectorsOf(store, space, keys, dims)
    measured.push({
      space,
      dims,
      ...qualityOf(vectors, dims, labelled, { seed, trained: trained.get(space) ?? [] }),
    })
  }
  const sources = new Set(Array.from(labelled.queries, (query) => labelled.source[query]))
  return {
    items: items.length,
    queries: labelled.queries.length,
    sources: sources.size,
    spaces: measured,
  }
}

function labelledOf(items: readonly LabelledItem[], seen: ReadonlySet<number>): Labelled {
  const names = [...new Set(items.flatMap(({ label }) => label ?? []))].sort()
  const numbers = new Map(names.map((name, i) => [name, i]))
  const places = Array.from(items.keys())
  return {
    source: Int32Array.from(items, ({ source }) => source),
    label: Int32Array.from(items, ({ label }) => (label === null ? -1 : numbers.get(label)!)),
    queries: Int32Array.from(places.filter((place) => !seen.has(items[place]!.source))),
  }
}

function qualityOf(
  vectors: Float32Array,
  dims: number,
  labelled: Labelled,
  { seed, trained }: { seed: number; trained: readonly MeasuredFamily[] },
) {
  const count = vectors.length / dims
  const distances = new Float64Array(count)
  const measure = (query: number) => {
    for (let place = 0; place < count; place++) {
      let sum = 0
      for (let d = 0; d < dims; d++)
        sum += (vectors[query * dims + d]! - vectors[place * dims + d]!) ** 2
      distances[place] = sum
    }
    return distances
  }
  const exact = labelQuality(labelled, (query) => ranked(query, measure(query)), seed)
  if (dims > LONGEST_CODED) return { exact, codes: [] }
  const fitted = fitFamilies(sampleOf(vectors, dims, labelled, seed), {
    kinds: dims <= LONGEST_ROTATED ? ['kernel', 'itq'] : ['kernel'],
    bits: BITS,
    seed,
  })
  const codes = [...fitted, ...trained].flatMap(({ kind, lengths, family, encode }) => {
    const { words, width } = codeWords(encode(vectors).codes, family.bits)
    return lengths.map((bits): CodedQuality => {
      const hamming = (query: number) => {
        const out = new Float64Array(count)
        for (let place = 0; place < count; place++)
          for (let word = 0; word < Math.ceil(bits / 32); word++)
            out[place]! += onesIn(words[query * width + word]! ^ words[place * width + word]!)
        return out
      }
      return {
        kind,
        bits,
        hamming: labelQuality(labelled, (query) => ranked(query, hamming(query)), seed),
        reranked: labelQuality(
          labelled,
          (query) => {
            const byCode = ranked(query, hamming(query))
            const exactly = measure(query)
            const best = byCode
              .slice(0, RERANKED)
              .sort((a, b) => exactly[a]! - exactly[b]! || a - b)
            byCode.set(best)
            return byCode
          },
          seed,
        ),
      }
    })
  })
  return { exact, codes }
}

/** Indices of all items but the query, nearest first, ties by index. */
function ranked(query: number, distances: Float64Array): Int32Array {
  const places = Int32Array.from({ length: distances.length - 1 }, (_, i) => i + Number(i >= query))
  return places.sort((a, b) => distances[a]! - distances[b]! || a - b)
}

/** Vectors that families are fitted to: those that are not queries, or all if these are too few. */
function sampleOf(vectors: Float32Array, dims: number, labelled: Labelled, seed: number) {
  const asking = new Set(labelled.queries)
  const all = Array.from({ length: vectors.length / dims }, (_, place) => place)
  const others = all.filter((place) => !asking.has(place))
  const from = others.length >= 2 * dims || others.length >= all.length / 2 ? others : all
  return Array.from(permutation(from.length, random(seed)).subarray(0, CALIBRATED), (i) =>
    vectors.slice(from[i]! * dims, (from[i]! + 1) * dims),
  )
}

function noQueries(dataset: string, spaces: readonly string[], items: number): LshError {
  const named = spaces.join(', ')
  return new LshError(
    'LSH03',
    items === 0
      ? `no image or neuron of data set "${dataset}" has features in ${named}`
      : `encoders of ${named} were trained on all of data set "${dataset}"`,
    {
      hint:
        items === 0
          ? `Fill them: "pg-lsh encode --space ${spaces[0] ?? 'NAME'}".`
          : 'Load further images, or train again with a held-out part.',
    },
  )
}
