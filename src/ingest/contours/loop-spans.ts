/** A closed line in a plane: x and y of each point, one after the other. */
export type Loop = Float64Array

/**
 * Horizontal bands of a plane, from top to bottom. No loop has a point within a band: lines are straight there, so that
 * their positions in the middle of the band give exact areas.
 */
export interface Bands {
  /** Borders, ascending; band `i` extends from `edges[i]` to `edges[i + 1]`. */
  readonly edges: Float64Array
}

/**
 * The inside in each band: `xs` holds the alternating starts and ends, ascending; `starts[i]` is the index of the first
 * number of band `i`, with one additional entry at the end.
 */
export interface Spans {
  readonly starts: Int32Array
  readonly xs: Float64Array
}

/** Thinner bands are merged. */
const thinnest = 1e-9

/** The bands of loops between two heights. They end at each point of a loop and at the given additional borders. */
export function bandsOf(
  loops: readonly Loop[],
  borders: ArrayLike<number>,
  [from, to]: readonly [number, number],
): Bands {
  const inner = (y: number) => y > from && y < to
  const heights: number[] = []
  for (const loop of loops) for (let i = 1; i < loop.length; i += 2) heights.push(loop[i] as number)
  const all = Float64Array.from([...heights, ...Array.from(borders)].filter(inner)).sort()
  const edges = [from]
  for (const y of all) if (y - (edges.at(-1) as number) > thinnest) edges.push(y)
  if (to - (edges.at(-1) as number) > thinnest) edges.push(to)
  return { edges: Float64Array.from(edges) }
}

/**
 * The inside of one loop, by the even-odd rule; this covers lines that cross themselves or return along their own path
 * (keyholes).
 */
export function spansOf(loop: Loop, { edges }: Bands): Spans {
  const bands = edges.length - 1
  const starts = new Int32Array(bands + 1)
  eachLine((band) => (starts[band + 1] as number)++)
  for (let band = 0; band < bands; band++) starts[band + 1]! += starts[band]!
  const xs = new Float64Array(starts[bands] as number)
  const next = starts.slice()
  eachLine((band, x) => (xs[next[band]!++] = x))
  for (let band = 0; band < bands; band++)
    if (starts[band + 1]! - starts[band]! > 1) xs.subarray(starts[band], starts[band + 1]).sort()
  return { starts, xs }

  /** Calls `call` for each line and each band that it crosses, with its x in the middle of the band. */
  function eachLine(call: (band: number, x: number) => void): void {
    for (let i = 0, last = loop.length - 2; i < loop.length; last = i, i += 2) {
      const [x0, y0, x1, y1] = [loop[last]!, loop[last + 1]!, loop[i]!, loop[i + 1]!]
      const [top, bottom] = y0 < y1 ? [y0, y1] : [y1, y0]
      for (let band = bandAt(edges, top); band < bands && middle(band) < bottom; band++)
        if (middle(band) >= top) call(band, x0 + ((middle(band) - y0) * (x1 - x0)) / (y1 - y0))
    }
  }

  function middle(band: number): number {
    return (edges[band]! + edges[band + 1]!) / 2
  }
}

/** The band that contains a height, or the first below it. */
function bandAt(edges: Float64Array, y: number): number {
  let [low, high] = [0, edges.length - 1]
  while (low < high) {
    const mid = (low + high) >> 1
    if (edges[mid + 1]! <= y) low = mid + 1
    else high = mid
  }
  return low
}

/** Ways to combine two sets of spans: both, either, the first without the second, or exactly one. */
export type Combination = 'both' | 'either' | 'without' | 'odd'

const inside: Readonly<Record<Combination, (a: number, b: number) => number>> = {
  both: (a, b) => a & b,
  either: (a, b) => a | b,
  without: (a, b) => a & (1 - b),
  odd: (a, b) => a ^ b,
}

/** Combines the insides of two sets of spans in the same bands. */
export function combine(a: Spans, b: Spans, how: Combination): Spans {
  const bands = a.starts.length - 1
  const starts = new Int32Array(bands + 1)
  const xs = new Float64Array(a.xs.length + b.xs.length)
  const isInside = inside[how]
  let length = 0
  for (let band = 0; band < bands; band++) {
    let [i, j] = [a.starts[band]!, b.starts[band]!]
    const [endA, endB] = [a.starts[band + 1]!, b.starts[band + 1]!]
    let [inA, inB, within] = [0, 0, 0]
    while (i < endA || j < endB) {
      const x = Math.min(i < endA ? a.xs[i]! : Infinity, j < endB ? b.xs[j]! : Infinity)
      for (; i < endA && a.xs[i] === x; i++) inA ^= 1
      for (; j < endB && b.xs[j] === x; j++) inB ^= 1
      if (isInside(inA, inB) === within) continue
      within ^= 1
      xs[length++] = x
    }
    starts[band + 1] = length
  }
  return { starts, xs: xs.subarray(0, length) }
}

/** Area of the inside. */
export function areaOf({ starts, xs }: Spans, { edges }: Bands): number {
  let area = 0
  for (let band = 0; band < starts.length - 1; band++) {
    let width = 0
    for (let i = starts[band]!; i < starts[band + 1]!; i += 2) width += xs[i + 1]! - xs[i]!
    area += width * (edges[band + 1]! - edges[band]!)
  }
  return area
}
