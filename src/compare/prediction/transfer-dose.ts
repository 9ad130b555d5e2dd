import { type Anatomy } from './anatomy.js'
import { OF_TARGETS } from './overlap-histogram.js'

export type Alignment = 'rigid' | 'deformable'

/** The dose of another plan, brought to the voxels of one. */
export interface Transferred {
  /** Gy at each of the wanted voxels; NaN where the other plan has no body. */
  readonly dose: Float32Array
  /** How different the place is that the dose comes from, squared; Infinity where there is none. */
  readonly cost: Float32Array
}

/** Weight of a distance to an organ beside one to targets, and of moving by 20 mm. */
const ORGAN = 0.3
const MOVE_MM = 20
const MOVE = 0.5
/** One step of `stepsOf`, in the unit of costs: 3 times the logarithm. */
const UNIT = 3 / 36
/** Voxels that a voxel moves at once, and how often in each direction. */
const STRIDE = 2
const MOVES = 2

/**
 * Brings dose from one plan to another. Rigid: the middles of all targets lie on each other. Deformable: from there each
 * voxel moves, by up to four voxels in each direction, to the voxel of the body that lies most alike with respect to
 * targets and organs; a move costs as well.
 */
export function transferDose(
  to: Anatomy,
  from: Anatomy,
  wanted: Int32Array,
  alignment: Alignment,
): Transferred {
  const dose = new Float32Array(wanted.length).fill(NaN)
  const cost = new Float32Array(wanted.length).fill(Infinity)
  const gy = from.volume.dose
  if (!gy) return { dose, cost }
  const shared = to.names.filter((name) => from.names.includes(name))
  const [own, other] = [to, from].map(({ names }) =>
    Int32Array.from(shared, (name) => names.indexOf(name)),
  ) as [Int32Array, Int32Array]
  const weights = Float64Array.from(shared, (name) => {
    return ((OF_TARGETS.includes(name) ? 1 : ORGAN) * UNIT) ** 2
  })
  const moves = movesOf(from, alignment)
  const [, rows, columns] = to.grid.size
  const [highS, highR, highC] = from.grid.size
  const scale = to.grid.mm.map((mm, axis) => mm / from.grid.mm[axis]!)
  const [ownWidth, otherWidth] = [to.names.length, from.names.length]
  const { body } = from.volume
  for (let i = 0; i < wanted.length; i++) {
    const voxel = wanted[i]!
    const at = (axis: 0 | 1 | 2, place: number) =>
      Math.round(from.centre[axis] + (place - to.centre[axis]) * scale[axis]!)
    const s = at(0, Math.floor(voxel / (rows * columns)))
    const r = at(1, Math.floor(voxel / columns) % rows)
    const c = at(2, voxel % columns)
    let best = Infinity
    let found = -1
    for (const move of moves) {
      // They are sorted: no later one can be better.
      if (move.cost >= best) break
      const [ms, mr, mc] = [s + move.s, r + move.r, c + move.c]
      if (ms < 0 || mr < 0 || mc < 0 || ms >= highS || mr >= highR || mc >= highC) continue
      const place = (ms * highR + mr) * highC + mc
      if (!body[place]) continue
      let sum = move.cost
      for (let f = 0; f < weights.length && sum < best; f++) {
        const d =
          to.places[voxel * ownWidth + own[f]!]! - from.places[place * otherWidth + other[f]!]!
        sum += weights[f]! * d * d
      }
      if (sum >= best) continue
      best = sum
      found = place
    }
    if (found < 0) continue
    dose[i] = gy[found]!
    cost[i] = best
  }
  return { dose, cost }
}

function movesOf({ grid: { mm } }: Anatomy, alignment: Alignment) {
  if (alignment === 'rigid') return [{ s: 0, r: 0, c: 0, cost: 0 }]
  const steps = Array.from({ length: 2 * MOVES + 1 }, (_, i) => (i - MOVES) * STRIDE)
  return steps
    .flatMap((s) => steps.flatMap((r) => steps.map((c) => ({ s, r, c }))))
    .map((move) => {
      const squared = (move.s * mm[0]) ** 2 + (move.r * mm[1]) ** 2 + (move.c * mm[2]) ** 2
      return { ...move, cost: (MOVE ** 2 * squared) / MOVE_MM ** 2 }
    })
    .sort((a, b) => a.cost - b.cost)
}
