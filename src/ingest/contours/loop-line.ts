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
/**
 * They are one, too, if all points of one lie on the other within this, in mm, and their areas differ by no more than a tenth: it
 * was drawn with fewer points. A hole touches the line around it at some points only.
 */
const [onLineMm, resampledPart] = [0.1, 0.9]
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
  if (differingArea(a, b, 'odd') <= most) return true
  // Of fewer points, it cuts the corners of the other one.
  const alike = Math.min(a.area, b.area) >= resampledPart * Math.max(a.area, b.area)
  return alike && (hasPointsOf(a, b) || hasPointsOf(b, a))
}

/** Whether all points of a line lie on another one. */
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
 * Without what repeats its beginning: the first point at the end, some points more, or the whole line again. Each place
 * within what is drawn twice would lie inside of it an even number of times, and so it would enclose nothing.
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
