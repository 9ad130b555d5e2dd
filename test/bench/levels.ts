import type { BenchLevel } from '../../src/cli/bench-result.js'
import type { Point } from './latency.js'

/** Recall required of the point that represents a curve. */
export const ENOUGH = 0.95

/** Recalls at which methods are compared. */
export const LEVELS = [0.9, ENOUGH, 0.99] as const

/** The fastest setting with at least this recall; undefined if there is none. */
export function fastestAt(points: readonly Point[], level: number): Point | undefined {
  return points
    .filter(({ recall_at_10 }) => recall_at_10 >= level)
    .reduce<Point | undefined>(
      (best, point) => (best && best.p50_ms <= point.p50_ms ? best : point),
      undefined,
    )
}

/** The fastest setting with a recall of `ENOUGH`, else the one with the best recall. */
export function standsFor(points: readonly Point[]): Point | undefined {
  const best = points.reduce<Point | undefined>(
    (best, point) => (best && best.recall_at_10 >= point.recall_at_10 ? best : point),
    undefined,
  )
  return fastestAt(points, ENOUGH) ?? best
}

/** Position of the best curve: the one that reaches `ENOUGH` fastest, else the one with the best recall. */
export function bestCurve(curves: readonly (readonly Point[])[]): number {
  const stands = curves.map((curve) => standsFor(curve))
  const reach = (point: Point | undefined) => Math.min(ENOUGH, point?.recall_at_10 ?? -1)
  const cost = (point: Point | undefined) => point?.p50_ms ?? Infinity
  return stands.reduce((best, point, i) => {
    const held = stands[best]
    if (reach(point) !== reach(held)) return reach(point) > reach(held) ? i : best
    return cost(point) < cost(held) ? i : best
  }, 0)
}

/** The figures of a method at each level, compared with the reference. */
export function levelsOf(
  points: readonly Point[],
  reference: readonly Point[] | undefined,
): BenchLevel[] {
  return LEVELS.map((level) => {
    const point = fastestAt(points, level)
    const beside = fastestAt(reference ?? [], level)
    return {
      level,
      setting: point?.setting ?? null,
      recall_at_10: point?.recall_at_10 ?? null,
      p50_ms: point?.p50_ms ?? null,
      p95_ms: point?.p95_ms ?? null,
      ratio_to_hnsw: point && beside ? point.p50_ms / beside.p50_ms : null,
    }
  })
}

/**
 * The exponent in y ~ x^slope: the least-squares slope of log y over log x; null if there are fewer than two
 * different x or values without a logarithm.
 */
export function logSlope(pairs: readonly (readonly [x: number, y: number])[]): number | null {
  if (new Set(pairs.map(([x]) => x)).size < 2) return null
  const logs = pairs.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  if (logs.flat().some((value) => !Number.isFinite(value))) return null
  const mean = (of: (pair: readonly [number, number]) => number) =>
    logs.reduce((sum, pair) => sum + of(pair), 0) / logs.length
  const [x, y] = [mean((pair) => pair[0]), mean((pair) => pair[1])]
  const spread = mean((pair) => (pair[0] - x) ** 2)
  return mean((pair) => (pair[0] - x) * (pair[1] - y)) / spread
}
