import type { BenchPoint } from '../../src/cli/bench-result.js'
import type { Vectors } from './datasets/dataset.js'
import { measureLatencies, type LatencyOptions, type Point, type Question } from './latency.js'
import type { Setting } from './methods/method.js'
import type { Prepared } from './prepare.js'
import type { Truth } from './truth.js'

/** A method with the measurements of its queries. */
export interface MethodRun {
  readonly name: string
  readonly prepared: Prepared
  readonly settings: readonly Setting[]
  /** A point for each setting. */
  readonly curve: readonly Point[]
  /** The point with default settings. */
  readonly untouched: BenchPoint | null
}

/** Measures the curve of each method and its defaults, all interleaved. */
export async function measureMethods(
  prepared: readonly Prepared[],
  vectors: Vectors,
  truth: Truth,
  options: LatencyOptions,
): Promise<MethodRun[]> {
  const asked = []
  for (const one of prepared) {
    const settings = await one.method.settings(one.subject)
    const untouched = await one.method.untouched?.(one.subject)
    asked.push({ prepared: one, settings, all: untouched ? [...settings, untouched] : settings })
  }
  const questions = asked.flatMap(({ prepared: { method, subject }, settings, all }) =>
    all.map((setting, i): Question => {
      const { name, indexed, queries } = method
      // With default settings, a search of a small table scans it on purpose.
      const scan = !indexed ? 'always' : i < settings.length ? 'never' : 'maybe'
      return { method: name, subject, setting, scan, ...(queries === undefined ? {} : { queries }) }
    }),
  )
  const points = await measureLatencies(questions, vectors, truth, options)
  let at = 0
  return asked.map(({ prepared: one, settings, all }) => {
    const own = points.slice(at, (at += all.length)).map(({ short: _, ...point }) => point)
    const curve = own.slice(0, settings.length)
    const { name } = one.method
    return { name, prepared: one, settings, curve, untouched: own[settings.length] ?? null }
  })
}
