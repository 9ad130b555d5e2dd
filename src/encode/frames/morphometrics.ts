import { Matrix, EigenvalueDecomposition } from 'ml-matrix'
import type { Morphology } from '../../core/picture.js'
import { forkAngles, tipCounts } from './neuron-forks.js'
import { neuronTree, type NeuronTree } from './neuron-tree.js'

/** Shells in which branches are counted, by distance from the root as a share of the largest distance. */
const SHELLS = 8

export const MORPHOMETRIC_NAMES: readonly string[] = [
  'stems',
  'forks',
  'tips',
  'length',
  'path_most',
  'path_mean',
  'radial_most',
  'radial_mean',
  'extent_1',
  'extent_2',
  'extent_3',
  'width_x',
  'width_y',
  'width_z',
  'branch_mean',
  'branch_median',
  'branch_spread',
  'branch_most',
  'end_share',
  'straightness_mean',
  'straightness_spread',
  'order_most',
  'order_mean',
  'asymmetry_mean',
  'asymmetry_spread',
  'angle_mean',
  'angle_spread',
  'far_angle_mean',
  'far_angle_spread',
  'radius_mean',
  'radius_spread',
  'tortuosity',
  ...Array.from({ length: SHELLS }, (_, shell) => `shell_${shell}`),
  ...Array.from({ length: SHELLS }, (_, shell) => `sholl_${shell}`),
]

/**
 * Classical measures of a neuron, those of L-Measure (Scorcioni, Polavaram and Ascoli, Nature Protocols 2008): counts
 * and lengths as log(1 + x), lengths in um; partition asymmetry; angles at forks in radians; extents along the
 * principal axes and the axes of the file; shares of the length in shells around the root; and Sholl crossings as
 * square roots. The soma is excluded.
 */
export function morphometrics(morphology: Morphology): Float32Array {
  const tree = neuronTree(morphology)
  const { branches, forks, tips, stems, pathUm, radialUm, pieceUm } = tree
  const lengths = branches.map(({ lengthUm }) => lengthUm)
  const straight = branches
    .filter(({ lengthUm }) => lengthUm > 0)
    .map(({ lengthUm, straightUm }) => straightUm / lengthUm)
  const total = pieceUm.reduce((a, b) => a + b, 0)
  const ends = new Set(tips)
  const endUm = sum(branches.filter(({ end }) => ends.has(end)).map(({ lengthUm }) => lengthUm))
  const orders = branches.map(({ order }) => order)
  const reach = largest(radialUm)
  const tipPaths = tips.map((tip) => pathUm[tip]!)
  const asymmetry = asymmetries(tree)
  const { near, far } = forkAngles(tree)
  const radii = [...morphology.radius].filter((_, i) => pieceUm[i]! > 0)
  const values = [
    log(stems),
    log(forks.length),
    log(tips.length),
    log(total),
    log(largest(pathUm)),
    log(mean(tipPaths)),
    log(reach),
    log(mean(tips.map((tip) => radialUm[tip]!))),
    ...extents(morphology),
    log(mean(lengths)),
    log(median(lengths)),
    spread(lengths.map(log)),
    log(largest(lengths)),
    total > 0 ? endUm / total : 0,
    mean(straight),
    spread(straight),
    log(largest(orders)),
    mean(orders),
    mean(asymmetry),
    spread(asymmetry),
    mean(near),
    spread(near),
    mean(far),
    spread(far),
    log(mean(radii)),
    log(spread(radii)),
    mean(tips.map((tip) => (pathUm[tip]! > 0 ? radialUm[tip]! / pathUm[tip]! : 1))),
    ...shells(tree, reach, total),
  ]
  return Float32Array.from(values)
}

function shells(
  { morphology, radialUm, pieceUm }: NeuronTree,
  reach: number,
  total: number,
): number[] {
  const lengths = new Array<number>(SHELLS).fill(0)
  const crossings = new Array<number>(SHELLS).fill(0)
  if (reach === 0 || total === 0) return [...lengths, ...crossings]
  const shellOf = (um: number) => (um / reach) * SHELLS
  pieceUm.forEach((um, i) => {
    if (um === 0) return
    const [from, to] = [radialUm[morphology.parent[i]!]!, radialUm[i]!].map(shellOf) as [
      number,
      number,
    ]
    lengths[Math.min(SHELLS - 1, Math.floor((from + to) / 2))]! += um / total
    // Spheres through the middle of each shell.
    for (let shell = 0; shell < SHELLS; shell++)
      if (from < shell + 0.5 !== to < shell + 0.5) crossings[shell]!++
  })
  return [...lengths, ...crossings.map((count) => Math.sqrt(count))]
}

/** Logarithms of the extents along the principal axes, the longest first, then along x, y and z. */
function extents({ x, y, z }: Morphology): number[] {
  const axes = [x, y, z]
  const middle = axes.map((axis) => mean([...axis]))
  const covariance = axes.map((a, i) =>
    axes.map(
      (b, j) =>
        a.reduce((all, value, p) => all + (value - middle[i]!) * (b[p]! - middle[j]!), 0) /
        a.length,
    ),
  )
  const own = new EigenvalueDecomposition(new Matrix(covariance)).realEigenvalues
  const widths = axes.map((axis) => {
    const sorted = axis.slice().sort()
    return sorted.at(-1)! - sorted[0]!
  })
  return [
    ...own.map((value) => Math.sqrt(Math.max(0, value))).sort((a, b) => b - a),
    ...widths,
  ].map(log)
}

/**
 * `|a − b| / (a + b − 2)` of the numbers of tips on both sides of each fork (van Pelt and others, 1992); 0 if both are
 * 1.
 */
function asymmetries(tree: NeuronTree): number[] {
  const counts = tipCounts(tree)
  return tree.forks.map((fork) => {
    const own = (tree.children[fork] ?? []).map((child) => counts[child]!).sort((a, b) => b - a)
    const [a = 1, b = 1] = own
    return a + b > 2 ? (a - b) / (a + b - 2) : 0
  })
}

const log = (value: number) => Math.log1p(value)
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const mean = (values: readonly number[]) => (values.length > 0 ? sum(values) / values.length : 0)

function largest(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!)
  return most
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

function spread(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}
