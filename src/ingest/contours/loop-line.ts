import { areaOf, bandsOf, combine, spansOf, type Loop } from './loop-spans.js'

/** A closed line with precomputed values for comparisons. Coordinates are in mm. */
export interface Line {
  readonly loop: Loop
  readonly area: number
  readonly length: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Two lines are the same if their mean distance is at most this, in mm, which allows for rounding. */
const sameLineMm = 0.3
/**
 * Two lines are also the same if all points of one are within this distance of the other, in mm, and their areas differ
 * by at most a tenth: one was drawn with fewer points. A hole touches the line around it at some points only.
 */
const [onLineMm, resampledPart] = [0.1, 0.9]
/** A line is within another if it leaves it by at most this mean distance, in mm, or by this share of its area. */
const [leavesMm, leavesPart] = [0.1, 0.01]
/** Upper limit of that distance for small lines, as a share of their area. */
const mostPart = 0.25
/** Bands in addition to those between points: where lines cross, areas are only accurate in thin bands. */
const crossingBands = 64
/** Points closer than this, in mm, are the same point. */
const samePointMm = 0.01

/** Precomputes the values of a line. */
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

/** Whether two lines are the same, independent of their first point, direction, rounding and number of points. */
export function isSameLine(a: Line, b: Line): boolean {
  // A cheap test that avoids most area computations.
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
  if (differingArea(a, b, 'odd') <= most) return true
  // With fewer points, a line cuts the corners of the other one.
  const alike = Math.min(a.area, b.area) >= resampledPart * Math.max(a.area, b.area)
  return alike && (hasPointsOf(a, b) || hasPointsOf(b, a))
}

/** Whether all points of a line are on another one. */
function hasPointsOf(a: Line, { loop }: Line): boolean {
  for (let i = 0; i < a.loop.length; i += 2) {
    const [x, y] = [a.loop[i]!, a.loop[i + 1]!]
    let nearest = Infinity
    for (let j = 0, last = loop.length - 2; j < loop.length; last = j, j += 2) {
      const [fromX, fromY] = [loop[last]!, loop[last + 1]!]
      const [dx, dy] = [loop[j]! - fromX, loop[j + 1]! - fromY]
      const along = ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)
      const part = Math.min(1, Math.max(0, along))
      nearest = Math.min(nearest, Math.hypot(x - fromX - part * dx, y - fromY - part * dy))
    }
    if (nearest > onLineMm) return false
  }
  return true
}

/** Whether a line is within another one, up to rounding. */
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
 * Removes repetitions of the start of a line: its first point at the end, several points, or the whole line. Places
 * inside a line that is drawn twice would be inside an even number of times, so that the line would enclose nothing.
 */
export function unrepeated(loop: Loop): Loop {
  const points = loop.length / 2
  for (let period = 3; period < points; period++) {
    let repeats = true
    for (let i = 0; repeats && i + period < points; i++) repeats = near(loop, i, i + period)
    if (repeats) return loop.subarray(0, 2 * period)
  }
  return loop
}

function near(loop: Loop, a: number, b: number): boolean {
  return (
    Math.abs(loop[2 * a]! - loop[2 * b]!) < samePointMm &&
    Math.abs(loop[2 * a + 1]! - loop[2 * b + 1]!) < samePointMm
  )
}
