import type { Morphology } from '../../core/picture.js'
import { neuronTree, type NeuronTree } from './neuron-tree.js'

/** Cells of the image of births and deaths, along each axis. */
const CELLS = 6
/** Width, in cells, of the Gaussian that smooths a bar. */
const WIDTH = 0.7
const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9, 1]
const FILTERS = ['path', 'radial'] as const

export const PERSISTENCE_NAMES: readonly string[] = FILTERS.flatMap((filter) => [
  `${filter}_bars`,
  ...QUANTILES.map((q) => `${filter}_bar_${q}`),
  ...Array.from(
    { length: CELLS ** 2 },
    (_, i) => `${filter}_${Math.floor(i / CELLS)}_${i % CELLS}`,
  ),
])

/** A branch from the point where it joins a longer one to its tip, as distances from the root. */
interface Bar {
  readonly start: number
  readonly end: number
}

/**
 * The topological morphology descriptor (Kanari and others, Neuroinformatics 2018) of path distances and of straight
 * distances from the root. At each fork the branch with the farthest tip continues, and the others end as bars. The
 * result contains the number of bars and quantiles of their lengths, as logarithms, and an image of their starts and
 * ends relative to the farthest tip, smoothed by a Gaussian, as square roots of shares.
 */
export function persistence(morphology: Morphology): Float32Array {
  const tree = neuronTree(morphology)
  const values = [tree.pathUm, tree.radialUm].flatMap((distances) => {
    const bars = barsOf(tree, distances)
    const lengths = bars.map(({ start, end }) => Math.abs(end - start)).sort((a, b) => a - b)
    const quantiles = QUANTILES.map((q) =>
      Math.log1p(lengths[Math.round(q * (lengths.length - 1))] ?? 0),
    )
    return [Math.log1p(bars.length), ...quantiles, ...pictureOf(bars)]
  })
  return Float32Array.from(values)
}

/** Elder rule: from the tips to the roots, the branch with the farthest tip survives each fork. */
function barsOf({ morphology, tips }: NeuronTree, distances: Float64Array): Bar[] {
  const { parent } = morphology
  const reach = new Float64Array(parent.length).fill(-1)
  const bars: Bar[] = []
  for (const tip of tips) reach[tip] = distances[tip]!
  // Parents precede children, so that all children of a point were visited before it.
  for (let i = parent.length - 1; i >= 0; i--) {
    const from = parent[i]!
    if (reach[i]! < 0) continue
    if (from < 0) {
      bars.push({ start: distances[i]!, end: reach[i]! })
    } else if (reach[from]! < 0) {
      reach[from] = reach[i]!
    } else {
      bars.push({ start: distances[from]!, end: Math.min(reach[from]!, reach[i]!) })
      reach[from] = Math.max(reach[from]!, reach[i]!)
    }
  }
  return bars
}

function pictureOf(bars: readonly Bar[]): number[] {
  const cells = new Float64Array(CELLS ** 2)
  const most = bars.reduce((far, { end }) => Math.max(far, end), 0)
  if (most === 0) return [...cells]
  const near = (value: number, cell: number) =>
    Math.exp(-(((value / most) * CELLS - cell - 0.5) ** 2) / (2 * WIDTH ** 2))
  for (const { start, end } of bars)
    for (let i = 0; i < CELLS; i++)
      for (let j = 0; j < CELLS; j++) cells[i * CELLS + j]! += near(start, i) * near(end, j)
  const sum = cells.reduce((a, b) => a + b, 0)
  return Array.from(cells, (value) => Math.sqrt(value / sum))
}
