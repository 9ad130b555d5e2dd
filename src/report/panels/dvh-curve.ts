import type { Dvh } from '../../core/plan.js'

/** A point of a histogram: dose in Gy, and percent of the volume that gets at least that. */
export type DvhPoint = readonly [gy: number, percent: number]

/**
 * Largest difference of a drawn curve from the histogram, in percent of the volume: less than the width of its line.
 */
const TOLERANCE = 0.2

/** Simplifies a histogram to a polyline: bins of 0.1 Gy would make a page ten times as large. */
export function dvhCurve({ binGy, volume }: Dvh, tolerance = TOLERANCE): DvhPoint[] {
  const points = Array.from(volume, (share, i): DvhPoint => [i * binGy, 100 * share])
  const kept = new Set([0, points.length - 1])
  const parts: [number, number][] = [[0, points.length - 1]]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, to] = part
    const worst = farthest(points, from, to)
    if (worst === null || worst.off <= tolerance) continue
    kept.add(worst.at)
    parts.push([from, worst.at], [worst.at, to])
  }
  return points.filter((_, i) => kept.has(i))
}

/** The point between two others that is farthest above or below the line through them. */
function farthest(points: readonly DvhPoint[], from: number, to: number) {
  const [a, b] = [points[from], points[to]]
  if (a === undefined || b === undefined || to - from < 2) return null
  let worst = { at: from, off: 0 }
  for (let i = from + 1; i < to; i++) {
    const [gy, percent] = points[i] as DvhPoint
    const line = a[1] + ((gy - a[0]) / (b[0] - a[0])) * (b[1] - a[1])
    const off = Math.abs(percent - line)
    if (off > worst.off) worst = { at: i, off }
  }
  return worst
}

/** The highest dose that at least so many percent of the volume get, interpolated on a curve. */
export function doseAt(curve: readonly DvhPoint[], percent: number): number {
  const behind = curve.findIndex(([, own]) => own < percent)
  if (behind < 0) return curve.at(-1)?.[0] ?? 0
  const [next, last] = [curve[behind] as DvhPoint, curve[Math.max(0, behind - 1)] as DvhPoint]
  if (last[1] === next[1]) return next[0]
  return last[0] + ((last[1] - percent) / (last[1] - next[1])) * (next[0] - last[0])
}
