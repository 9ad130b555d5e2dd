/** An interval of a scan line that is inside, in mm. */
export interface Stretch {
  readonly y: number
  readonly from: number
  readonly to: number
}

/** The interior of the lines of one plane, by scan lines. */
export interface Scan {
  /** By the even-odd rule: repeated or crossing lines cancel. */
  readonly odd: readonly Stretch[]
  /** Inside at least one line, holes included. The true interior is between the two. */
  readonly either: readonly Stretch[]
  /** Distance between scan lines in mm. */
  readonly stepMm: number
}

/** Scan lines across the contours of a plane. */
const scanLines = 200

/** Scans closed lines, given as x and y in mm. */
export function scanPlane(loops: readonly Float64Array[]): Scan {
  let [low, high] = [Infinity, -Infinity]
  for (const loop of loops)
    for (let i = 1; i < loop.length; i += 2) {
      low = Math.min(low, loop[i]!)
      high = Math.max(high, loop[i]!)
    }
  const stepMm = (high - low) / scanLines
  const [odd, either]: [Stretch[], Stretch[]] = [[], []]
  for (let line = 0; line < scanLines && stepMm > 0; line++) {
    const y = low + (line + 0.5) * stepMm
    const crossings = loops.map((loop) => crossingsOf(loop, y))
    const all = crossings.flat().sort((a, b) => a - b)
    for (let i = 0; i + 1 < all.length; i += 2) odd.push({ y, from: all[i]!, to: all[i + 1]! })
    either.push(...joined(crossings, y))
  }
  return { odd, either, stepMm }
}

export function areaOf(stretches: readonly Stretch[], stepMm: number): number {
  return stretches.reduce((sum, { from, to }) => sum + (to - from) * stepMm, 0)
}

/** x coordinates where a line crosses a scan line. */
function crossingsOf(loop: Float64Array, y: number): number[] {
  const xs: number[] = []
  for (let i = 0, j = loop.length - 2; i < loop.length; j = i, i += 2) {
    const [x0, y0, x1, y1] = [loop[j]!, loop[j + 1]!, loop[i]!, loop[i + 1]!]
    if (y0 > y !== y1 > y) xs.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0))
  }
  return xs.sort((a, b) => a - b)
}

function joined(crossings: readonly number[][], y: number): Stretch[] {
  const parts = crossings
    .flatMap((xs) => xs.flatMap((x, i) => (i % 2 === 0 ? [{ from: x, to: xs[i + 1]! }] : [])))
    .sort((a, b) => a.from - b.from)
  const out: { y: number; from: number; to: number }[] = []
  for (const { from, to } of parts) {
    const before = out.at(-1)
    if (before !== undefined && from <= before.to) before.to = Math.max(before.to, to)
    else out.push({ y, from, to })
  }
  return out
}
