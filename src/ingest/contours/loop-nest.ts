import { isSameLine, isWithin, lineOf, unrepeated, type Line } from './loop-line.js'
import { combine, spansOf, type Bands, type Loop, type Spans } from './loop-spans.js'

/** A closed line in mm, and whether its type is CLOSEDPLANAR_XOR. */
export interface DrawnLoop {
  readonly loop: Loop
  readonly xor: boolean
}

/** A union of lines minus its holes, which may contain islands. */
export interface LoopNest {
  readonly lines: readonly Line[]
  /** Whether each line switches between inside and outside. */
  readonly odd: boolean
  readonly holes: LoopNest | null
}

/**
 * The area that the lines in one plane enclose together. A structure set does not define how lines of type
 * CLOSED_PLANAR combine, so their positions decide:
 *
 * - a repeated line, whatever its first point, direction and rounding, counts once;
 * - a line within another one cuts a hole, and a line within the hole is an island;
 * - lines that cross each other or lie side by side are joined.
 *
 * For lines of type CLOSEDPLANAR_XOR the standard applies: each line switches between inside and outside (PS3.3
 * C.8.8.6.3). `null` if nothing is enclosed.
 */
export function nestLoops(drawn: readonly DrawnLoop[]): LoopNest | null {
  const lines: Line[] = []
  for (const { loop } of drawn) {
    const line = lineOf(unrepeated(loop))
    if (line.area > 0 && !lines.some((other) => isSameLine(line, other))) lines.push(line)
  }
  if (lines.length === 0) return null
  if (drawn.some(({ xor }) => xor)) return { lines, odd: true, holes: null }
  return nested(lines.sort((a, b) => b.area - a.area))
}

/** Nests lines that are sorted by area, largest first. */
function nested(lines: readonly Line[]): LoopNest {
  const [outer, inner]: [Line[], Line[]] = [[], []]
  for (const line of lines)
    (outer.some((other) => isWithin(line, other)) ? inner : outer).push(line)
  return { lines: outer, odd: false, holes: inner.length === 0 ? null : nested(inner) }
}

/** All lines of a nest. */
export function linesIn({ lines, holes }: LoopNest): readonly Line[] {
  return holes === null ? lines : [...lines, ...linesIn(holes)]
}

/** The enclosed area in bands; `placed` transforms a line from mm to the coordinates of the bands. */
export function enclosed(nest: LoopNest, bands: Bands, placed: (loop: Loop) => Loop): Spans {
  const { lines, odd, holes } = nest
  const all = lines
    .map(({ loop }) => spansOf(placed(loop), bands))
    .reduce((sum, spans) => combine(sum, spans, odd ? 'odd' : 'either'))
  return holes === null ? all : combine(all, enclosed(holes, bands, placed), 'without')
}
