import { LshError } from '../core/errors.js'
import { random } from '../core/random.js'
import { cellAssigner } from './assign-cells.js'
import { comparable, rowsOf, type TrainingSet } from './train-set.js'
import { learnCells } from './voronoi.js'

/** Pairs of rows with the target of their kernel. */
export interface PairBatch {
  readonly first: Int32Array
  readonly second: Int32Array
  /** `y y'`: 1 for rows of the same class, -1 for rows of different classes. */
  readonly target: Int8Array
}

/** Approximate rows per cluster: as many as the neighbours whose distance calibrates a bandwidth. */
const CLUSTER = 50
/** Draws after which a row without a partner is given up. */
const DRAWS = 20

/** The class of each row to learn from, in their order: its label or, without labels, its k-means cluster. */
export function classesOf(set: TrainingSet): Int32Array {
  const { dims, values, learned, labels, seed } = set
  if (labels) return Int32Array.from(learned, (row) => labels[row]!)
  const rows = rowsOf(values, dims, learned)
  const cells = Math.max(2, Math.round(learned.length / CLUSTER))
  return cellAssigner(learnCells(rows, { cells, seed, dims }), dims)(rows)
}

/**
 * Returns a function that makes batches of pairs, half of them of one class.
 *
 * @throws LshError `LSH03` if all rows are of one class, or each is of a class of its own
 */
export function pairBatches(set: TrainingSet, size: number): () => PairBatch {
  const { learned, seed } = set
  const classes = classesOf(set)
  const members = new Map<number, number[]>()
  classes.forEach((name, place) => {
    const own = members.get(name)
    if (own) own.push(place)
    else members.set(name, [place])
  })
  if (members.size < 2 || members.size === learned.length) {
    throw new LshError('LSH03', `${learned.length} vectors are of ${members.size} classes`, {
      hint: 'A kernel is trained on pairs within a class and across classes: give other labels, or none.',
    })
  }
  const source = random(seed + 2)
  const anyOf = <T>(list: ArrayLike<T>) => list[source.integer(0, list.length - 1)]!
  const pair = (same: boolean): [number, number] => {
    for (let draw = 0; ; draw++) {
      const place = source.integer(0, learned.length - 1)
      for (let other = 0; other < DRAWS; other++) {
        const chosen = same
          ? anyOf(members.get(classes[place]!)!)
          : source.integer(0, learned.length - 1)
        if (same || classes[chosen] !== classes[place]) {
          const rows: [number, number] = [learned[place]!, learned[chosen]!]
          if (comparable(set, ...rows)) return rows
        }
      }
      if (draw < learned.length) continue
      throw new LshError('LSH03', 'no two vectors of one class are of different patients', {
        hint: 'Give labels that several patients share, or none.',
      })
    }
  }

  return () => {
    const [first, second] = [new Int32Array(size), new Int32Array(size)]
    const target = new Int8Array(size)
    for (let i = 0; i < size; i++) {
      const same = i % 2 === 0
      ;[first[i], second[i]] = pair(same)
      target[i] = same ? 1 : -1
    }
    return { first, second, target }
  }
}
