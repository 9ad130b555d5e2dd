import type { Grid } from '../../core/signed-distance.js'
import type { Anatomy } from './anatomy.js'
import { OF_TARGETS } from './overlap-histogram.js'

export type Alignment = 'rigid' | 'deformable'

/** The dose of another plan, transferred to voxels of a plan. */
export interface Transferred {
  /** In Gy, for each of the wanted voxels; NaN where the other plan has no body. */
  readonly dose: Float32Array
  /** Squared dissimilarity of the place that the dose comes from; Infinity if there is none. */
  readonly cost: Float32Array
}

/** Weight of a distance to an organ relative to one to a target, and of a move by 20 mm. */
const ORGAN = 0.3
const MOVE_MM = 20
const MOVE = 0.5
/** One step of `stepsOf` in units of cost: 3 times the logarithm. */
const UNIT = 3 / 36
/** Length of a step in voxels, and number of steps in each direction. */
const STRIDE = 2
const MOVES = 2
const MOST_MOVED = STRIDE * MOVES
/** Margin in voxels around a body, so large that no move can leave the array. */
const ROOM = 2 * MOST_MOVED + 1
/** Markers in place of a move: a voxel that was not examined, and one without a place in the other body. */
const UNKNOWN = -2
const NOWHERE = -1

/**
 * Transfers the dose of one plan to another. Rigid: the centres of all targets are aligned. Deformable: from there,
 * each voxel moves by up to four voxels in each direction to the voxel of the body whose position relative to targets
 * and organs is most similar; moves have a cost. Every second voxel in each direction tries all moves, the voxels
 * between them only the moves of their neighbours.
 *
 * @param wanted voxels of `to` whose dose is returned
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
  const [slices, rows, columns] = to.grid.size
  const search = openSearch(to, from, movesOf(from, alignment))
  const take = (i: number, move: number) => {
    if (move < 0) return
    dose[i] = gy[search.place()]!
    cost[i] = search.cost()
  }
  if (alignment === 'rigid') {
    for (let i = 0; i < wanted.length; i++) take(i, search.all(wanted[i]!))
    return { dose, cost }
  }
  const found = new Int16Array(slices * rows * columns).fill(UNKNOWN)
  for (let i = 0; i < wanted.length; i++) {
    const voxel = wanted[i]!
    const odd =
      (Math.floor(voxel / (rows * columns)) |
        (Math.floor(voxel / columns) % rows) |
        (voxel % columns)) &
      1
    if (odd) continue
    found[voxel] = search.all(voxel)
    take(i, found[voxel])
  }
  const corners = new Int16Array(8)
  for (let i = 0; i < wanted.length; i++) {
    const voxel = wanted[i]!
    if (found[voxel] !== UNKNOWN) continue
    const count = movesAround(voxel, to.grid.size, found, corners)
    take(i, count > 0 ? search.some(voxel, corners, count) : search.all(voxel))
  }
  return { dose, cost }
}

/**
 * Collects the distinct moves found for the neighbours of a voxel on the grid of every second voxel; returns their
 * number.
 */
function movesAround(
  voxel: number,
  [slices, rows, columns]: Grid['size'],
  found: Int16Array,
  into: Int16Array,
): number {
  const s = Math.floor(voxel / (rows * columns))
  const r = Math.floor(voxel / columns) % rows
  const c = voxel % columns
  let count = 0
  for (let a = s - (s & 1); a <= Math.min(s + (s & 1), slices - 1); a += 2)
    for (let b = r - (r & 1); b <= Math.min(r + (r & 1), rows - 1); b += 2)
      for (let d = c - (c & 1); d <= Math.min(c + (c & 1), columns - 1); d += 2) {
        const move = found[(a * rows + b) * columns + d]!
        if (move < 0) continue
        let i = 0
        while (i < count && into[i] !== move) i++
        if (i === count) into[count++] = move
      }
  return count
}

/** Returns a search for the most similar voxel of another plan. */
function openSearch(to: Anatomy, from: Anatomy, moves: ReturnType<typeof movesOf>) {
  const shared = to.names.filter((name) => from.names.includes(name))
  const [own, other] = [to, from].map(({ names }) =>
    Int32Array.from(shared, (name) => names.indexOf(name)),
  ) as [Int32Array, Int32Array]
  const weights = Float64Array.from(shared, (name) => {
    return ((OF_TARGETS.includes(name) ? 1 : ORGAN) * UNIT) ** 2
  })
  const [, rows, columns] = to.grid.size
  const { index, placeOf } = indexOf(from)
  const scale = to.grid.mm.map((mm, axis) => mm / from.grid.mm[axis]!) as [number, number, number]
  const [ownWidth, otherWidth] = [to.names.length, from.names.length]
  const { places } = from
  const { cost: costs } = moves
  const steps = Int32Array.from(costs, (_, i) => {
    return placeOf(moves.s[i]!, moves.r[i]!, moves.c[i]!) - placeOf(0, 0, 0)
  })
  const wanted = new Float64Array(shared.length)
  const every = Int16Array.from(costs.keys())
  let place = NOWHERE
  const least = new Float64Array(1)

  // Variables that change in the loops are declared inside: the engine would box numbers that are
  // captured.
  const some = (voxel: number, chosen: Int16Array, count: number): number => {
    const s = from.centre[0] + (Math.floor(voxel / (rows * columns)) - to.centre[0]) * scale[0]
    const r = from.centre[1] + ((Math.floor(voxel / columns) % rows) - to.centre[1]) * scale[1]
    const c = from.centre[2] + ((voxel % columns) - to.centre[2]) * scale[2]
    const start = placeOf(Math.round(s), Math.round(r), Math.round(c))
    const features = wanted.length
    for (let f = 0; f < features; f++) wanted[f] = to.places[voxel * ownWidth + own[f]!]!
    let [best, move, there] = [Infinity, NOWHERE, NOWHERE]
    for (let i = 0; i < count; i++) {
      const tried = chosen[i]!
      let sum = costs[tried]!
      if (sum >= best) {
        // All moves are sorted by cost, so that no later one can be better.
        if (chosen === every) break
        continue
      }
      const at = index[start + steps[tried]!]!
      if (at < 0) continue
      const first = at * otherWidth
      for (let f = 0; f < features && sum < best; f++) {
        const d = wanted[f]! - places[first + other[f]!]!
        sum += weights[f]! * d * d
      }
      if (sum >= best) continue
      best = sum
      move = tried
      there = at
    }
    place = there
    least[0] = best
    return move
  }
  return {
    /** The best of the first `count` chosen moves. */
    some,
    /** The best of all moves for a voxel. */
    all: (voxel: number): number => some(voxel, every, every.length),
    place: () => place,
    cost: () => least[0]!,
  }
}

const indexed = new WeakMap<Anatomy, ReturnType<typeof bodyIndex>>()

function indexOf(anatomy: Anatomy) {
  const standing = indexed.get(anatomy)
  const found = standing ?? bodyIndex(anatomy)
  if (!standing) indexed.set(anatomy, found)
  return found
}

/** Maps positions, with a margin that no move can leave, to voxels of the body; -1 outside the body. */
function bodyIndex({ grid, volume: { body } }: Anatomy) {
  const [slices, rows, columns] = grid.size
  const [wideR, wideC] = [rows + 2 * ROOM, columns + 2 * ROOM]
  const index = new Int32Array((slices + 2 * ROOM) * wideR * wideC).fill(NOWHERE)
  const within = (at: number, length: number) =>
    Math.max(MOST_MOVED, Math.min(length + 2 * ROOM - 1 - MOST_MOVED, at + ROOM))
  /** The index of a position; positions far outside are clamped to where no move reaches the body. */
  const placeOf = (s: number, r: number, c: number) =>
    (within(s, slices) * wideR + within(r, rows)) * wideC + within(c, columns)
  for (let s = 0, voxel = 0; s < slices; s++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++, voxel++) if (body[voxel]) index[placeOf(s, r, c)] = voxel
  return { index, placeOf }
}

function movesOf({ grid: { mm } }: Anatomy, alignment: Alignment) {
  const steps = Array.from({ length: 2 * MOVES + 1 }, (_, i) => (i - MOVES) * STRIDE)
  const moves = steps
    .flatMap((s) => steps.flatMap((r) => steps.map((c) => ({ s, r, c }))))
    .filter(({ s, r, c }) => alignment === 'deformable' || (s === 0 && r === 0 && c === 0))
    .map((move) => {
      const squared = (move.s * mm[0]) ** 2 + (move.r * mm[1]) ** 2 + (move.c * mm[2]) ** 2
      return { ...move, cost: (MOVE ** 2 * squared) / MOVE_MM ** 2 }
    })
    .sort((a, b) => a.cost - b.cost)
  return {
    s: Int32Array.from(moves, (move) => move.s),
    r: Int32Array.from(moves, (move) => move.r),
    c: Int32Array.from(moves, (move) => move.c),
    cost: Float64Array.from(moves, (move) => move.cost),
  }
}
