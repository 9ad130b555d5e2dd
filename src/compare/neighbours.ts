import { distanceMeter, type KeyedRows, type QueryDistances } from './block-distances.js'
import { codeWords, onesIn, type CodeWords } from '../core/code-words.js'
import type { MeasuredFamily } from './measured-family.js'
import {
  enter,
  nearestLists,
  wouldEnter,
  type NearestLists,
  type TieOrder,
} from './nearest-lists.js'

/** Neighbours among other patients only, and among all slices but the query. */
export interface BothLists {
  readonly others: NearestLists
  readonly all: NearestLists
}

/** The nearest by codes of one family at one length. */
export interface CodedNeighbours {
  readonly kind: string
  readonly bits: number
  readonly lists: BothLists
}

/** The neighbours of queries, by true distance and by codes alone. */
export interface Neighbours {
  readonly queries: KeyedRows
  readonly exact: BothLists
  readonly coded: readonly CodedNeighbours[]
}

export interface FindNeighboursOptions {
  /** Neighbours to keep. */
  k: number
  families: readonly MeasuredFamily[]
  /** Order of rows at equal distance. (Default: by key) */
  order?: TieOrder
  /** Patients that are searched, in addition to the query's own. (Default: all) */
  searched?: ReadonlySet<number>
}

/**
 * Finds the neighbours of queries in rows that are read block by block: call `visit` for each block, then read `found`.
 * Only the nearest rows so far are kept, so that memory does not grow with the number of rows.
 */
export function neighbourFinder(queries: KeyedRows, options: FindNeighboursOptions) {
  const { k, families, order, searched } = options
  const count = queries.items.length
  const lists = () => ({
    others: nearestLists(count, k, order),
    all: nearestLists(count, k, order),
  })
  const exact = lists()
  const rankers = families.map((measured) => ({
    own: codeWords(measured.encode(queries.vectors).codes, measured.family.bits),
    measured,
    byLength: measured.lengths.map((bits) => ({ kind: measured.kind, bits, lists: lists() })),
  }))
  const distances = distanceMeter(queries)
  const found: Neighbours = {
    queries,
    exact,
    coded: rankers.flatMap(({ byLength }) => byLength),
  }

  const visit = (block: KeyedRows): void => {
    const isFound = Uint8Array.from(block.patients, (patient) =>
      (searched?.has(patient) ?? true) ? 1 : 0,
    )
    const distancesOf = distances(block)
    const codes = rankers.map(({ measured: { encode, family } }) =>
      codeWords(encode(block.vectors).codes, family.bits),
    )
    for (let query = 0; query < count; query++) {
      const pair = {
        block,
        isFound,
        query,
        item: queries.items[query]!,
        patient: queries.patients[query]!,
      }
      const measured = distancesOf(query)
      rankExactly(pair, measured, exact)
      rankers.forEach(({ own, byLength }, i) => {
        rankByCodes(pair, measured, { own, stored: codes[i] as CodeWords, byLength })
      })
    }
  }
  return { visit, found }
}

/** A query and a block. */
interface Pair {
  readonly block: KeyedRows
  /** 1 for each row of the block that other patients may find. */
  readonly isFound: Uint8Array
  readonly query: number
  readonly item: number
  readonly patient: number
}

function rankExactly(
  { block, isFound, query, item, patient }: Pair,
  { least, exact }: QueryDistances,
  { others, all }: BothLists,
): void {
  for (let row = 0; row < block.items.length; row++) {
    const key = block.items[row]!
    if (key === item) continue
    const other = block.patients[row] !== patient
    if (other && !isFound[row]) continue
    const bound = (other ? others : all).ranks[(query + 1) * (other ? others : all).k - 1]!
    // A row farther than the last of other patients is also farther than the last of all.
    if (least[row]! > bound * bound) continue
    const distance = exact(row)
    const entry = { rank: distance, key, distance }
    if (other && wouldEnter(others, query, distance, key)) enter(others, query, entry)
    if (wouldEnter(all, query, distance, key)) enter(all, query, entry)
  }
}

interface Codes {
  readonly own: CodeWords
  readonly stored: CodeWords
  readonly byLength: readonly CodedNeighbours[]
}

function rankByCodes(
  { block, isFound, query, item, patient }: Pair,
  { exact }: QueryDistances,
  { own, stored, byLength }: Codes,
): void {
  const { width } = own
  const ends = byLength.map(({ bits }) => Math.ceil(bits / 32))
  for (let row = 0; row < block.items.length; row++) {
    const key = block.items[row]!
    if (key === item) continue
    const other = block.patients[row] !== patient
    if (other && !isFound[row]) continue
    let hamming = 0
    let word = 0
    for (let length = 0; length < ends.length; length++) {
      for (const end = ends[length]!; word < end; word++)
        hamming += onesIn(own.words[query * width + word]! ^ stored.words[row * width + word]!)
      const { others, all } = byLength[length]!.lists
      if (other && wouldEnter(others, query, hamming, key))
        enter(others, query, { rank: hamming, key, distance: exact(row) })
      if (wouldEnter(all, query, hamming, key))
        enter(all, query, { rank: hamming, key, distance: exact(row) })
    }
  }
}
