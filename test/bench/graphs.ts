import { bestCurve } from './levels.js'
import type { MethodRun } from './measure.js'
import { REFERENCE } from './methods/all.js'
import type { Method } from './methods/method.js'

/** The methods with the reference repeated `graphs` times, each with its own graph, since graphs are random. */
export function withGraphs(methods: readonly Method[], graphs: number): Method[] {
  return methods.flatMap((method) => {
    if (method.name !== REFERENCE) return [method]
    const more = Array.from({ length: graphs - 1 }, (_, i) => `${REFERENCE}-graph${i + 2}`)
    return [method, ...more.map((name) => ({ ...method, name }))]
  })
}

/** A method that was built once or several times: its best graph, with the points of all graphs. */
export interface Folded extends MethodRun {
  /** Points of all graphs; the figures of a level come from the fastest graph there. */
  readonly points: MethodRun['curve']
  /** All graphs that were built. */
  readonly graphs: readonly MethodRun[]
}

export function foldGraphs(runs: readonly MethodRun[]): Folded[] {
  const isGraph = ({ name }: MethodRun) => name.startsWith(`${REFERENCE}-graph`)
  return runs
    .filter((run) => !isGraph(run))
    .map((run) => {
      const graphs = run.name === REFERENCE ? [run, ...runs.filter(isGraph)] : [run]
      const best = graphs[bestCurve(graphs.map(({ curve }) => curve))] ?? run
      return { ...best, name: run.name, points: graphs.flatMap(({ curve }) => curve), graphs }
    })
}
