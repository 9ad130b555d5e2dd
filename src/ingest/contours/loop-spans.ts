/** A closed line in a plane: x and y of each point, one after the other. */
export type Loop = Float64Array

/**
 * Horizontal bands of a plane, from the top to the bottom. No loop has a point within a band: its
 * lines run straight through it, so that their places in the middle of the band give exact areas.
 */
export interface Bands {
  /** Borders, growing; band `i` reaches from `edges[i]` to `edges[i + 1]`. */
  readonly edges: Float64Array
}

/**
 * What lies inside in each band: `xs` holds where it begins and ends, in turn and growing, and
 * `starts[i]` tells where the numbers of band `i` begin; there is one start more than bands.
 */
export interface Spans {
  readonly starts: Int32Array
  readonly xs: Float64Array
}

/** Bands that are thinner than this are not told apart. */
const thinnest = 1e-9

/**
 * The bands of loops between two heights. They end at each point of a loop, and at all of the
 * borders that are given besides.
 */
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
 * What lies inside of one loop. A line that crosses itself, or that runs in by the way it came out
 * (a keyhole), encloses what it goes round an odd number of times.
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

  /** Calls for each line and each band that it runs through, with its place in the middle of it. */
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

/** The band that a height lies in, or the first below it. */
function bandAt(edges: Float64Array, y: number): number {
  let [low, high] = [0, edges.length - 1]
  while (low < high) {
    const mid = (low + high) >> 1
    if (edges[mid + 1]! <= y) low = mid + 1
    else high = mid
  }
  return low
}

/** Where two sets of spans are both, or one of them, or the first without the second. */
export type Combination = 'both' | 'either' | 'without' | 'odd'

const inside: Readonly<Record<Combination, (a: number, b: number) => number>> = {
  both: (a, b) => a & b,
  either: (a, b) => a | b,
  without: (a, b) => a & (1 - b),
  odd: (a, b) => a ^ b,
}

/** Combines what lies inside of two things in the same bands. */
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

/** Area of what lies inside. */
export function areaOf({ starts, xs }: Spans, { edges }: Bands): number {
  let area = 0
  for (let band = 0; band < starts.length - 1; band++) {
    let width = 0
    for (let i = starts[band]!; i < starts[band + 1]!; i += 2) width += xs[i + 1]! - xs[i]!
    area += width * (edges[band + 1]! - edges[band]!)
  }
  return area
}
