import { firstOfEach } from '../search/nearest-per-patient.js'
import type { Ranking, RetrievedQuery, ShownNeighbour } from './evaluation.js'
import { listed, type NearestLists } from './nearest-lists.js'
import type { CodedNeighbours, Neighbours } from './neighbours.js'

/** Neighbours in a picture, and candidates that are re-ranked by true distance. */
const SHOWN = 5
const RERANKED = 100

/** All slices that `retrieved` may return for a query; their patients must be known. */
export function retrievable(
  { exact }: Pick<Neighbours, 'exact'>,
  { lists }: Pick<CodedNeighbours, 'lists'>,
  query: number,
): number[] {
  const found = [exact.others, lists.others].flatMap((one) => firstOf(one, query, one.k))
  return [...new Set(found.map(({ item }) => item))]
}

/**
 * Results of three rankings for a query and one family: the nearest slices, and the nearest slice of each patient among
 * all candidates.
 *
 * @param patients patient of each `retrievable` slice
 */
export function retrieved(
  { queries, exact }: Neighbours,
  { kind, bits, lists }: CodedNeighbours,
  { query, patients }: { query: number; patients: ReadonlyMap<number, number> },
): RetrievedQuery {
  const truth = firstOf(exact.others, query, exact.others.k)
  const candidates = firstOf(lists.others, query, Math.min(RERANKED, lists.others.k))
  const byDistance = [...candidates].sort((a, b) => a.distance - b.distance || a.item - b.item)
  const hammings = new Map(candidates.map(({ item, hamming }) => [item, hamming]))
  const ways = [
    { by: 'hamming', rows: candidates },
    { by: 'reranked', rows: byDistance },
    {
      by: 'exact',
      rows: truth.map((row) => ({ ...row, hamming: hammings.get(row.item) ?? null })),
    },
  ] as const
  /** Applies a choice of rows to the three rankings. */
  const ranked = (choose: (rows: readonly Found[]) => readonly Found[]): Ranking[] => {
    const edge = choose(truth).slice(0, SHOWN).at(-1)?.distance ?? Infinity
    return ways.map(({ by, rows }) => ({
      by,
      found: choose(rows)
        .slice(0, SHOWN)
        .map((row) => ({ ...row, hit: row.distance <= edge })),
    }))
  }
  return {
    item: queries.items[query] as number,
    kind,
    bits,
    rankings: ranked((rows) => rows),
    per_patient: ranked((rows) => firstOfEach(rows, ({ item }) => patients.get(item))),
  }
}

type Found = Omit<ShownNeighbour, 'hit'>

function firstOf(lists: NearestLists, query: number, count: number): Found[] {
  const first = query * lists.k
  return Array.from({ length: Math.min(count, listed(lists, query)) }, (_, place) => ({
    item: lists.keys[first + place] as number,
    distance: lists.distances[first + place] as number,
    hamming: lists.ranks[first + place] as number,
  }))
}
