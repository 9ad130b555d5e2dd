import { bestCurve } from './levels.js'
import type { MethodRun } from './measure.js'
import { REFERENCE } from './methods/all.js'
import type { Method } from './methods/method.js'

/** The reference so many times, each with a graph of its own: graphs are drawn at random, and differ. */
export function withGraphs(methods: readonly Method[], graphs: number): Method[] {
  return methods.flatMap((method) => {
    if (method.name !== REFERENCE) return [method]
    const more = Array.from({ length: graphs - 1 }, (_, i) => `${REFERENCE}-graph${i + 2}`)
    return [method, ...more.map((name) => ({ ...method, name }))]
  })
}

/** One method of what was built several times: the best graph, with the points of all. */
export interface Folded extends MethodRun {
  /** Of all graphs; a level is that of the one that is fastest there. */
  readonly points: MethodRun['curve']
  /** All that were built; one where it was built once. */
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
