/**
 * For each of several queries the best rows offered so far, best first; ties by what `tieOrder` makes of keys, the
 * smaller first.
 */
export interface NearestLists {
  readonly queries: number
  /** Rows that are kept of each query. */
  readonly k: number
  /** What rows are ordered by; places that are still empty hold Infinity. */
  readonly ranks: Float64Array
  readonly keys: Int32Array
  /** True distances. */
  readonly distances: Float64Array
  readonly order: TieOrder
}

/** Where a key stands among those of the same rank. */
export type TieOrder = (key: number) => number

const byKey: TieOrder = (key) => key

/**
 * An order of keys that a seed draws. By key, one row that happens to be the first would be the neighbour of all queries
 * that are as far from it as from others.
 */
export function drawnOrder(seed: number): TieOrder {
  return (key) => {
    // The finaliser of MurmurHash3, which is one to one: no two keys share a place.
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

/** Whether a row of that rank would enter the list of a query: asked before its true distance is computed. */
export function wouldEnter(lists: NearestLists, query: number, rank: number, key: number): boolean {
  const last = (query + 1) * lists.k - 1
  const worst = lists.ranks[last]!
  return rank < worst || (rank === worst && lists.order(key) < lists.order(lists.keys[last]!))
}

/** Puts a row that would enter into the list of a query; the last one drops out. */
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

/** How many rows the list of a query holds: fewer than `k` where there are no more. */
export function listed({ k, ranks }: NearestLists, query: number): number {
  let size = k
  while (size > 0 && ranks[query * k + size - 1] === Infinity) size--
  return size
}
