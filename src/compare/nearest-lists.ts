/** For each of several queries, the best rows so far, best first; ties by `tieOrder` of the keys, smaller first. */
export interface NearestLists {
  readonly queries: number
  /** Number of rows kept per query. */
  readonly k: number
  /** Values that rows are ordered by; unused places hold Infinity. */
  readonly ranks: Float64Array
  readonly keys: Int32Array
  /** True distances. */
  readonly distances: Float64Array
  readonly order: TieOrder
}

/** Rank of a key among rows at the same distance. */
export type TieOrder = (key: number) => number

const byKey: TieOrder = (key) => key

/**
 * A random order of keys for a seed. In the order of keys, the same row would be the neighbour of every query with
 * ties.
 */
export function drawnOrder(seed: number): TieOrder {
  return (key) => {
    // The finaliser of MurmurHash3, a bijection, so that no two keys are equal in this order.
    let mixed = Math.imul(key, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return (mixed ^ (mixed >>> 16)) >>> 0
  }
}

export function nearestLists(queries: number, k: number, order: TieOrder = byKey): NearestLists {
  const size = queries * k
  return {
    order,
    queries,
    k,
    ranks: new Float64Array(size).fill(Infinity),
    keys: new Int32Array(size).fill(-1),
    distances: new Float64Array(size).fill(Infinity),
  }
}

/** Whether a row of that rank would enter the list of a query; checked before its true distance is computed. */
export function wouldEnter(lists: NearestLists, query: number, rank: number, key: number): boolean {
  const last = (query + 1) * lists.k - 1
  const worst = lists.ranks[last]!
  return rank < worst || (rank === worst && lists.order(key) < lists.order(lists.keys[last]!))
}

/** Inserts a row into the list of a query and removes the last one. */
export function enter(
  { k, ranks, keys, distances, order }: NearestLists,
  query: number,
  row: { rank: number; key: number; distance: number },
): void {
  const first = query * k
  let at = first + k - 1
  for (; at > first; at--) {
    const before = ranks[at - 1]!
    if (before < row.rank) break
    if (before === row.rank && order(keys[at - 1]!) < order(row.key)) break
    ranks[at] = before
    keys[at] = keys[at - 1]!
    distances[at] = distances[at - 1]!
  }
  ranks[at] = row.rank
  keys[at] = row.key
  distances[at] = row.distance
}

/** Number of rows in the list of a query; fewer than `k` if there are fewer. */
export function listed({ k, ranks }: NearestLists, query: number): number {
  let size = k
  while (size > 0 && ranks[query * k + size - 1] === Infinity) size--
  return size
}
