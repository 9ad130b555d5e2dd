import { random } from '../core/random.js'
import { GRID, type SliceFacts } from './slice-facts.js'

/** Which slices are asked for, and which may be found: places in the facts. */
export interface Asked {
  readonly facts: SliceFacts
  readonly queries: Int32Array
  readonly stored: Int32Array
}

/** How far what is found for each query is from it; NaN where it cannot be told. */
export interface Distances {
  /** Along the axis in mm, patients aligned by all their organs. */
  readonly level: Float64Array
  /** The same, aligned by the centre of the mandible, or of the spinal cord where one lacks the mandible. */
  readonly levelByOne: Float64Array
  /** Mean absolute difference of the dose inside the body of the query, both centred, in Gy. */
  readonly dose: Float64Array
}

/** What is found for each query as places in the facts. */
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

/** Neighbours that are drawn for each query to know what a blind choice gets. */
const DRAWS = 20

/** The mean, or for levels all, of what neighbours drawn blindly would get. */
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

/** The best that any neighbour could get, by each measure on its own. */
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
      // That of the query before, which is the next slice most often: it ends most comparisons early.
      let nearest = at < 0 ? Infinity : doseGap(facts, inside, query, at)
      if (Number.isNaN(nearest)) nearest = Infinity
      for (const other of stored) {
        const gap = doseGap(facts, inside, query, other, nearest)
        // Not of slices without dose, whose gap is NaN.
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

/** Pixels in an order in which any first part of them is spread over the body, so that its sum tells much of the whole. */
function scattered(pixels: Int32Array): Int32Array {
  const step = 37
  return Int32Array.from(
    Array.from({ length: step }, (_, from) => pixels.filter((_, i) => i % step === from)).flatMap(
      (part) => [...part],
    ),
  )
}

/** Stops early once it is known to be more than `most`. */
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
