import { areaOf, bandsOf, combine, spansOf, type Loop } from './loop-spans.js'

/** A closed line with what comparing it needs. Places are in mm. */
export interface Line {
  readonly loop: Loop
  readonly area: number
  readonly length: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Two lines are one where they lie no further apart than this on average, in mm: rounding moves them. */
const sameLineMm = 0.3
/** A line lies within another if it leaves it by no more than this on average, in mm, or by this part of its area. */
const [leavesMm, leavesPart] = [0.1, 0.01]
/** Of small lines such a distance is much: never more than this part of their area. */
const mostPart = 0.25
/** Bands besides those that points make: where lines cross, areas are exact in thin bands only. */
const crossingBands = 64
/** Points that are nearer to each other than this, in mm, are one. */
const samePointMm = 0.01

/** Measures a line. */
export function lineOf(loop: Loop): Line {
  let [left, right, top, bottom, length] = [Infinity, -Infinity, Infinity, -Infinity, 0]
  for (let i = 0, last = loop.length - 2; i < loop.length; last = i, i += 2) {
    const [x, y] = [loop[i]!, loop[i + 1]!]
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
    length += Math.hypot(x - loop[last]!, y - loop[last + 1]!)
  }
  const bands = bandsOf([loop], [], [top, bottom])
  return { loop, area: areaOf(spansOf(loop, bands), bands), length, left, right, top, bottom }
}

/** Whether two lines are one, whatever their first point, their direction, their rounding and the number of their points. */
export function isSameLine(a: Line, b: Line): boolean {
  // Cheap, and it spares most pairs the areas.
  const apartMm = Math.max(
    Math.abs(a.left - b.left),
    Math.abs(a.right - b.right),
    Math.abs(a.top - b.top),
    Math.abs(a.bottom - b.bottom),
  )
  if (apartMm > 2) return false
  const most = Math.min(
    sameLineMm * Math.min(a.length, b.length),
    mostPart * Math.min(a.area, b.area),
  )
  return differingArea(a, b, 'odd') <= most
}

/** Whether a line lies within another one, but for what rounding moves it. */
export function isWithin(a: Line, b: Line): boolean {
  if (a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom) return false
  const most = Math.max(leavesPart * a.area, Math.min(leavesMm * a.length, mostPart * a.area))
  return differingArea(a, b, 'without') <= most
}

function differingArea(a: Line, b: Line, how: 'odd' | 'without'): number {
  const [from, to] = [Math.max(a.top, b.top), Math.min(a.bottom, b.bottom)]
  const fine = Array.from(
    { length: crossingBands + 1 },
    (_, i) => from + ((to - from) * i) / crossingBands,
  )
  const bands = bandsOf([a.loop, b.loop], fine, [
    Math.min(a.top, b.top),
    Math.max(a.bottom, b.bottom),
  ])
  return areaOf(combine(spansOf(a.loop, bands), spansOf(b.loop, bands), how), bands)
}

/**
 * Once what goes round twice: each point within would lie inside of it an even number of times, and
 * so it would enclose nothing.
 */
export function unrepeated(loop: Loop): Loop {
  const points = loop.length / 2
  const closed = points > 3 && near(loop, 0, points - 1) ? points - 1 : points
  for (const count of [closed, points]) {
    const half = count / 2
    if (half < 3 || !Number.isInteger(half)) continue
    let same = true
    for (let i = 0; same && i < half; i++) same = near(loop, i, i + half)
    if (same) return loop.subarray(0, 2 * half)
  }
  return loop
}

function near(loop: Loop, a: number, b: number): boolean {
  return (
    Math.abs(loop[2 * a]! - loop[2 * b]!) < samePointMm &&
    Math.abs(loop[2 * a + 1]! - loop[2 * b + 1]!) < samePointMm
  )
}
