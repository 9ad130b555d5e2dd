/** How near a row is to the query. Every search gives these columns, in these names. */
export interface Nearness {
  /** Euclidean distance to the query. */
  distance: number
  /** Number of bits in which the codes differ; null for a row without a code. */
  hamming: number | null
  /** Set if the distance is an estimate by codes, as in searches with `candidates: 0`. */
  estimated?: true
}

/** A row that a search found, by its key. */
export interface Neighbour<Key = number | string> extends Nearness {
  key: Key
}

/** A row that a search found, with the columns of its table. */
export type NeighbourRow<R> = Omit<R, keyof Nearness> & Nearness

/** A slice, picture or neuron that a search found. */
export interface NeighbourItem extends Nearness {
  item_id: number
}
