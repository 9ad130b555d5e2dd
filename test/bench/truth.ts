import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { vectorDistance } from '../../src/core/vector.js'
import { readDoubles, readIntegers, writeNumbers } from './cache.js'
import {
  row,
  rowsOf,
  type Matrix,
  type Rows,
  type Vectors,
  type Workplace,
} from './datasets/dataset.js'

/** Neighbours stored for each query, more than a benchmark needs. */
export const DEPTH = 100
/** Extra neighbours of the first pass, so that rounding loses none. */
const SPARE = 20
/** Queries that are multiplied with a row at once. */
const TOGETHER = 4
/** Rows that stay in the processor's cache while all queries are compared with them. */
const BLOCK = 512

/** The nearest rows of each query, nearest first, ties by row. */
export interface Truth {
  readonly depth: number
  readonly ids: Int32Array
  readonly distances: Float64Array
}

/** Whether a row may be found. */
export type Passes = (id: number) => boolean

/**
 * Exact neighbours among the rows that pass, computed once (one or two minutes for 10^11 products), then read from the
 * cache. If fewer than `DEPTH` rows pass, the depth is their number.
 */
export async function cachedTruth(
  name: string,
  vectors: Vectors,
  place: Workplace,
  passes?: Passes,
): Promise<Truth> {
  const ids = join(place.cache, `${name}.truth-ids.i32`)
  const distances = join(place.cache, `${name}.truth-distances.f64`)
  if (existsSync(distances)) {
    const known = await readIntegers(ids)
    const depth = known.length / vectors.queries.rows
    return { depth, ids: known, distances: await readDoubles(distances) }
  }
  place.say(`computing exact neighbours of ${vectors.queries.rows} queries`)
  const truth = exactNeighbours(vectors, DEPTH, passes)
  await writeNumbers(ids, truth.ids)
  await writeNumbers(distances, truth.distances)
  return truth
}

/** Brute force in two passes: inner products, then exact distances of the best; at most `most` rows that pass. */
export function exactNeighbours(
  { base, queries }: Vectors,
  most: number,
  passes: Passes = () => true,
): Truth {
  const groups = Math.ceil(queries.rows / TOGETHER)
  const interleaved = Array.from({ length: groups }, (_, g) => interleave(queries, g * TOGETHER))
  const best = Array.from({ length: groups * TOGETHER }, () => nearest(most + SPARE))
  const products = new Float64Array(TOGETHER)
  let passing = 0
  for (let from = 0; from < base.rows; from += BLOCK) {
    const block = rowsOf(base, from, Math.min(from + BLOCK, base.rows))
    const places = Array.from({ length: block.rows }, (_, i) => i).filter((i) => passes(from + i))
    const norms = places.map((i) => row(block, i).reduce((sum, value) => sum + value * value, 0))
    passing += places.length
    for (let g = 0; g < groups; g++) {
      const group = interleaved[g]!
      for (let p = 0; p < places.length; p++) {
        multiply(block, places[p]!, group, products)
        for (let t = 0; t < TOGETHER; t++)
          best[g * TOGETHER + t]!.offer(from + places[p]!, norms[p]! - 2 * products[t]!)
      }
    }
  }
  return rerank(base, queries, best, Math.min(most, passing))
}

function rerank(base: Rows, queries: Matrix, best: readonly Nearest[], depth: number): Truth {
  const ids = new Int32Array(queries.rows * depth)
  const distances = new Float64Array(queries.rows * depth)
  for (let q = 0; q < queries.rows; q++) {
    const query = row(queries, q)
    const ranked = best[q]!.ids()
      .map((id) => ({ id, distance: vectorDistance(row(base, id), query) }))
      .sort((a, b) => a.distance - b.distance || a.id - b.id)
      .slice(0, depth)
    ids.set(
      ranked.map(({ id }) => id),
      q * depth,
    )
    distances.set(
      ranked.map(({ distance }) => distance),
      q * depth,
    )
  }
  return { depth, ids, distances }
}

/** `TOGETHER` queries from `from`, interleaved element by element, with zeros for missing queries. */
function interleave(queries: Matrix, from: number): Float64Array {
  const mixed = new Float64Array(TOGETHER * queries.dims)
  for (let t = 0; t < TOGETHER && from + t < queries.rows; t++) {
    row(queries, from + t).forEach((value, j) => (mixed[j * TOGETHER + t] = value))
  }
  return mixed
}

function multiply(base: Matrix, i: number, group: Float64Array, products: Float64Array): void {
  const { values, dims } = base
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let j = 0, at = i * dims, g = 0; j < dims; j++, at++, g += TOGETHER) {
    const x = values[at]!
    a += x * group[g]!
    b += x * group[g + 1]!
    c += x * group[g + 2]!
    d += x * group[g + 3]!
  }
  products[0] = a
  products[1] = b
  products[2] = c
  products[3] = d
}

interface Nearest {
  offer(id: number, score: number): void
  ids(): number[]
}

/** Keeps the `count` lowest scores: it collects twice as many, then drops the upper half. */
function nearest(count: number): Nearest {
  let kept: { id: number; score: number }[] = []
  let worst = Infinity
  const shrink = () => {
    kept.sort((a, b) => a.score - b.score)
    kept = kept.slice(0, count)
    worst = kept.length < count ? Infinity : kept[count - 1]!.score
  }
  return {
    offer: (id, score) => {
      if (score >= worst) return
      kept.push({ id, score })
      if (kept.length === 2 * count) shrink()
    },
    ids: () => {
      shrink()
      return kept.map(({ id }) => id)
    },
  }
}
