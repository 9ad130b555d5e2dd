import { random } from '../core/random.js'
import { GRID, type SliceFacts } from './slice-facts.js'

/** Query slices and searched slices, as indices in the facts. */
export interface Asked {
  readonly facts: SliceFacts
  readonly queries: Int32Array
  readonly stored: Int32Array
}

/** Distances of the result of each query; NaN if undefined. */
export interface Distances {
  /** Along the axis in mm, with patients aligned by all their organs. */
  readonly level: Float64Array
  /** The same, aligned by the centre of the mandible, or of the spinal cord if one patient lacks the mandible. */
  readonly levelByOne: Float64Array
  /** Mean absolute difference of the dose inside the body of the query, both centred, in Gy. */
  readonly dose: Float64Array
}

/** Distances of the results of each query, given as indices in the facts. */
export function distancesTo({ facts, queries }: Asked, found: Int32Array): Distances {
  return {
    level: Float64Array.from(queries, (query, i) => levelGap(facts.levels, query, found[i]!)),
    levelByOne: Float64Array.from(queries, (query, i) => {
      const mandible = levelGap(facts.fromMandible, query, found[i]!)
      return Number.isNaN(mandible) ? levelGap(facts.fromCord, query, found[i]!) : mandible
    }),
    dose: Float64Array.from(queries, (query, i) =>
      doseGap(facts, insideOf(facts, query), query, found[i]!),
    ),
  }
}

/** Random neighbours per query that estimate the figures of a random choice. */
const DRAWS = 20

/** Distances of randomly drawn neighbours, once per draw. */
export function blind(asked: Asked, seed: number): Distances[] {
  const source = random(seed)
  return Array.from({ length: DRAWS }, () =>
    distancesTo(
      asked,
      Int32Array.from(
        asked.queries,
        () => asked.stored[source.integer(0, asked.stored.length - 1)]!,
      ),
    ),
  )
}

/** The smallest distances to any neighbour, for each measure separately. */
export function best({ facts, queries, stored }: Asked, onProgress?: () => void): Distances {
  const least = (gap: (query: number, other: number) => number) =>
    Float64Array.from(queries, (query) => {
      let nearest = Infinity
      for (const other of stored) {
        const value = gap(query, other)
        if (value < nearest) nearest = value
      }
      return Number.isFinite(nearest) ? nearest : NaN
    })
  let at = -1
  return {
    level: least((query, other) => levelGap(facts.levels, query, other)),
    levelByOne: least((query, other) => {
      const mandible = levelGap(facts.fromMandible, query, other)
      return Number.isNaN(mandible) ? levelGap(facts.fromCord, query, other) : mandible
    }),
    dose: Float64Array.from(queries, (query) => {
      const inside = scattered(insideOf(facts, query))
      // Starts with the result of the previous query, often an adjacent slice, so that most
      // comparisons end early.
      let nearest = at < 0 ? Infinity : doseGap(facts, inside, query, at)
      if (Number.isNaN(nearest)) nearest = Infinity
      for (const other of stored) {
        const gap = doseGap(facts, inside, query, other, nearest)
        // False for slices without dose, whose gap is NaN.
        if (gap < nearest) {
          nearest = gap
          at = other
        }
      }
      onProgress?.()
      return Number.isFinite(nearest) ? nearest : NaN
    }),
  }
}

function levelGap(levels: Float64Array, query: number, other: number): number {
  return Math.abs(levels[query]! - levels[other]!)
}

function insideOf({ bodies }: SliceFacts, query: number): Int32Array {
  const pixels = GRID ** 2
  const inside: number[] = []
  for (let p = 0; p < pixels; p++) if (bodies[query * pixels + p]) inside.push(p)
  return Int32Array.from(inside)
}

/** Reorders pixels so that every prefix is spread over the body and its sum approximates the whole. */
function scattered(pixels: Int32Array): Int32Array {
  const step = 37
  return Int32Array.from(
    Array.from({ length: step }, (_, from) => pixels.filter((_, i) => i % step === from)).flatMap(
      (part) => [...part],
    ),
  )
}

/** Stops early if the result exceeds `most`. */
function doseGap(
  { doses }: SliceFacts,
  inside: Int32Array,
  query: number,
  other: number,
  most = Infinity,
): number {
  const [a, b] = [query * GRID ** 2, other * GRID ** 2]
  const limit = most * inside.length
  let sum = 0
  for (let i = 0; i < inside.length && sum <= limit; i++)
    sum += Math.abs(doses[a + inside[i]!]! - doses[b + inside[i]!]!)
  return sum / inside.length
}
