import { LshError } from '../../core/errors.js'
import type { Morphology, PictureFacts } from '../../core/picture.js'

/** A neuron as it is stored. */
export interface ReadNeuron {
  readonly content: Morphology
  readonly attributes: PictureFacts['attributes']
  readonly remarks: readonly string[]
}

/** Most points of a neuron. */
const MOST_POINTS = 2_000_000

/** Points in the order of the file, with the numbers of their parents. */
interface Points {
  readonly ids: number[]
  /** x, y, z, radius of each point, consecutively. */
  readonly numbers: number[]
  readonly types: number[]
  readonly parents: number[]
}

/**
 * Reads a morphology in SWC: one point per line, `id type x y z radius parent`, in any order. Several roots and a
 * missing soma are accepted; a point with a missing parent becomes a root, with a remark.
 *
 * @throws LshError `bad_input` for invalid lines, a repeated number, cycles, or fewer than two points; lines are named
 * by their numbers
 */
export function readSwc(text: string): ReadNeuron {
  const points = parsePoints(text)
  const { ids, types } = points
  if (ids.length < 2)
    throw refused(
      ids.length === 0 ? 'it has no points' : 'it has a single point, and no branch',
      'The points of a neuron are connected; export it again.',
    )
  const { parents, missing } = placesOfParents(points)
  const order = parentsFirst(parents)
  const roots = parents.filter((parent) => parent < 0).length
  const said = missing === 1 ? '1 point names a parent' : `${missing} points name parents`
  return {
    content: reordered(points, parents, order),
    attributes: { format: 'swc', points: ids.length, roots, soma: types.includes(1) },
    remarks:
      missing > 0
        ? [`${said} not in the file: these points are read as roots of separate trees`]
        : [],
  }
}

function parsePoints(text: string): Points {
  const points: Points = { ids: [], numbers: [], types: [], parents: [] }
  text.split(/\r\n|\r|\n/).forEach((line, at) => {
    const cells = (line.split('#')[0] as string).trim().split(/[\s,]+/)
    if (cells[0] === '') return
    const values = cells.slice(0, 7).map(Number)
    const [id = NaN, type = NaN, , , , , parent = NaN] = values
    const whole = [id, type, parent].every((value) => Number.isInteger(value))
    if (values.length < 7 || !whole || !values.every((value) => Math.abs(value) < 1e9))
      throw refused(
        `line ${at + 1} is not a point: id, type, x, y, z, radius and parent`,
        'SWC has seven numbers in each line; comments begin with #.',
      )
    if (points.ids.length >= MOST_POINTS)
      throw refused(`it has more than ${MOST_POINTS} points`, 'Resample it first.')
    points.ids.push(id)
    points.types.push(Math.min(255, Math.max(0, type)))
    points.numbers.push(...values.slice(2, 6))
    points.parents.push(parent)
  })
  return points
}

/** Indices of the parents; -1 for a root, and for a point with a missing parent. */
function placesOfParents({ ids, parents }: Points): { parents: Int32Array; missing: number } {
  const places = new Map<number, number>()
  ids.forEach((id, place) => {
    if (places.has(id))
      throw refused(
        `two points have number ${id}`,
        'Number the points again: each needs its own number.',
      )
    places.set(id, place)
  })
  let missing = 0
  const found = Int32Array.from(parents, (parent) => {
    const place = places.get(parent)
    if (place === undefined && parent >= 0) missing++
    return place ?? -1
  })
  return { parents: found, missing }
}

/** Order in which parents precede their children; children of one parent keep the order of the file. */
function parentsFirst(parents: Int32Array): Int32Array {
  const children = childrenOf(parents)
  const order = new Int32Array(parents.length)
  const waiting: number[] = []
  for (let place = parents.length - 1; place >= 0; place--)
    if (parents[place]! < 0) waiting.push(place)
  let count = 0
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    order[count++] = place
    const own = children[place]
    if (own) for (let i = own.length - 1; i >= 0; i--) waiting.push(own[i]!)
  }
  if (count === parents.length) return order
  throw refused(
    `${parents.length - count} points form a circle`,
    'A point cannot be its own ancestor; correct the parents of these points.',
  )
}

/** Indices of the children of each point; undefined for a tip. */
export function childrenOf(parents: Int32Array): (number[] | undefined)[] {
  const children: (number[] | undefined)[] = Array.from({ length: parents.length })
  parents.forEach((parent, place) => {
    if (parent >= 0) (children[parent] ??= []).push(place)
  })
  return children
}

function reordered({ numbers, types }: Points, parents: Int32Array, order: Int32Array): Morphology {
  const placed = new Int32Array(order.length)
  order.forEach((place, at) => (placed[place] = at))
  const column = (at: number) => Float32Array.from(order, (place) => numbers[4 * place + at]!)
  return {
    x: column(0),
    y: column(1),
    z: column(2),
    radius: column(3),
    parent: Int32Array.from(order, (place) =>
      parents[place]! < 0 ? -1 : placed[parents[place]!]!,
    ),
    type: Uint8Array.from(order, (place) => types[place]!),
  }
}

function refused(message: string, hint: string): LshError {
  return new LshError('bad_input', message, { hint })
}
