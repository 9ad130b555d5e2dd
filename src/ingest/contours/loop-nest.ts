import { isSameLine, isWithin, lineOf, unrepeated, type Line } from './loop-line.js'
import { combine, spansOf, type Bands, type Loop, type Spans } from './loop-spans.js'

/** A closed line in mm, and whether its type is CLOSEDPLANAR_XOR. */
export interface DrawnLoop {
  readonly loop: Loop
  readonly xor: boolean
}

/** Lines that are joined, and what is cut out of them, which may have islands in it. */
export interface LoopNest {
  readonly lines: readonly Line[]
  /** Whether each line turns inside into outside. */
  readonly odd: boolean
  readonly holes: LoopNest | null
}

/**
 * What the lines that are drawn in one plane enclose together. How they lie decides, as nothing in
 * a structure set says what a line of type CLOSED_PLANAR means:
 *
 * - the same line again, whatever its first point, its direction and its rounding, counts once;
 * - a line within another one cuts a hole, and one within the hole is an island;
 * - lines that cross each other are joined, as are those that lie beside each other.
 *
 * Where a line is of type CLOSEDPLANAR_XOR, the standard says it: each turns inside into outside
 * (PS3.3 C.8.8.6.3). `null` where nothing is enclosed.
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

/** Nests lines that are sorted by their areas, the largest first. */
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

/** What a nest encloses in bands; `placed` moves a line from mm to where the bands lie. */
export function enclosed(nest: LoopNest, bands: Bands, placed: (loop: Loop) => Loop): Spans {
  const { lines, odd, holes } = nest
  const all = lines
    .map(({ loop }) => spansOf(placed(loop), bands))
    .reduce((sum, spans) => combine(sum, spans, odd ? 'odd' : 'either'))
  return holes === null ? all : combine(all, enclosed(holes, bands, placed), 'without')
}
