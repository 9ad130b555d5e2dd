import type { Morphology } from '../../core/picture.js'
import { childrenOf } from '../../ingest/pictures/swc.js'

/** A branch: from a root or fork to the next fork or tip. */
export interface Branch {
  /** Indices of its first point, which is the last of the parent branch, and of its last point. */
  readonly start: number
  readonly end: number
  readonly lengthUm: number
  /** Straight-line distance from start to end. */
  readonly straightUm: number
  /** Number of forks between the root and this branch. */
  readonly order: number
}

/** The measured parts of a neuron: its branches outside the soma, with distances from the root of each tree. */
export interface NeuronTree {
  readonly morphology: Morphology
  readonly children: readonly (readonly number[] | undefined)[]
  readonly branches: readonly Branch[]
  /** Forks outside the soma with at least two children. */
  readonly forks: readonly number[]
  readonly tips: readonly number[]
  /** Branches that leave a soma, or a root if there is no soma. */
  readonly stems: number
  /** Distance from the root along the branches, in um; 0 within the soma. */
  readonly pathUm: Float64Array
  /** Straight-line distance from the root of the tree, in um. */
  readonly radialUm: Float64Array
  /** Length of the segment that ends at a point, in um; 0 for a root and within the soma. */
  readonly pieceUm: Float64Array
}

const SOMA = 1

/** Parents precede their children, so that one pass suffices. */
export function neuronTree(morphology: Morphology): NeuronTree {
  const { parent, type } = morphology
  const count = parent.length
  const children = childrenOf(parent)
  const [pathUm, radialUm, pieceUm] = [0, 1, 2].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const root = new Int32Array(count)
  const start = new Int32Array(count)
  const order = new Int32Array(count)
  const along = new Float64Array(count)
  const branches: Branch[] = []
  const [forks, tips]: [number[], number[]] = [[], []]
  let stems = 0
  for (let i = 0; i < count; i++) {
    const from = parent[i]!
    root[i] = from < 0 ? i : root[from]!
    radialUm[i] = pointDistance(morphology, root[i]!, i)
    const outside = type[i] !== SOMA
    const own = (children[i] ?? []).filter((child) => type[child] !== SOMA)
    if (from >= 0 && outside) {
      pieceUm[i] = pointDistance(morphology, from, i)
      pathUm[i] = pathUm[from]! + pieceUm[i]!
      const begins = type[from] === SOMA || parent[from]! < 0
      const forked = forksAt(from)
      if (begins) stems++
      start[i] = begins || forked ? from : start[from]!
      along[i] = begins || forked ? pieceUm[i]! : along[from]! + pieceUm[i]!
      order[i] = begins ? 0 : order[from]! + Number(forked)
      if (own.length !== 1)
        branches.push({
          start: start[i]!,
          end: i,
          lengthUm: along[i]!,
          straightUm: pointDistance(morphology, start[i]!, i),
          order: order[i]!,
        })
      if (own.length === 0) tips.push(i)
      if (own.length > 1) forks.push(i)
    }
  }
  return { morphology, children, branches, forks, tips, stems, pathUm, radialUm, pieceUm }

  function forksAt(place: number): boolean {
    return (children[place] ?? []).filter((child) => type[child] !== SOMA).length > 1
  }
}

/** Distance of two points of a neuron in um. */
export function pointDistance({ x, y, z }: Morphology, a: number, b: number): number {
  return Math.hypot(x[a]! - x[b]!, y[a]! - y[b]!, z[a]! - z[b]!)
}
