import type { NeuronTree } from './neuron-tree.js'

/** Number of tips below each point, the point itself included. */
export function tipCounts({ morphology, tips }: NeuronTree): Int32Array {
  const { parent } = morphology
  const counts = new Int32Array(parent.length)
  for (const tip of tips) counts[tip] = 1
  for (let i = parent.length - 1; i >= 0; i--)
    if (parent[i]! >= 0) counts[parent[i]!]! += counts[i]!
  return counts
}

/** Angles in radians between the first two branches of each fork: to their next points, and to their ends. */
export function forkAngles(tree: NeuronTree): { near: number[]; far: number[] } {
  const { forks, children, branches } = tree
  const ends = new Map<number, number[]>()
  for (const { start, end } of branches) {
    const own = ends.get(start)
    if (own) own.push(end)
    else ends.set(start, [end])
  }
  const between = (fork: number, [a, b]: readonly number[]) =>
    a === undefined || b === undefined ? [] : [angle(tree, fork, [a, b])]
  return {
    near: forks.flatMap((fork) => between(fork, children[fork] ?? [])),
    far: forks.flatMap((fork) => between(fork, ends.get(fork) ?? [])),
  }
}

function angle({ morphology }: NeuronTree, at: number, [a, b]: readonly [number, number]): number {
  const { x, y, z } = morphology
  const to = (end: number) => [x[end]! - x[at]!, y[end]! - y[at]!, z[end]! - z[at]!] as const
  const [u, v] = [to(a), to(b)]
  const dot = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
  const lengths = Math.hypot(...u) * Math.hypot(...v)
  return lengths > 0 ? Math.acos(Math.min(1, Math.max(-1, dot / lengths))) : 0
}
