import type { Vector3 } from '../../src/ingest/volume/planes.js'
import {
  gyAt,
  organBox,
  targetBox,
  type Box,
  type MadeSet,
  type WritingOptions,
} from './made-set.js'

/** What a structure is: boxes, without others that are cut out of them. */
export interface Body {
  readonly boxes: readonly Box[]
  readonly holes?: readonly Box[]
  /** Dose at a place; `null` where the structure must have no figures of dose. (Default: that of the made dose) */
  readonly gy?: ((place: Vector3) => number) | null
}

/** Structures of a plan by their names; `null` of what has no volume. */
export type Bodies = Readonly<Record<string, Body | null>>

export type Expected =
  | { readonly refused: string }
  | {
      readonly plans: readonly Bodies[]
      /** What a remark must say. (Default: no remark is asked for) */
      readonly remark?: string
      /** Whether the block of bone must be found with its dose. (Default: true) */
      readonly bone?: boolean
    }

/** A kind of sets: what is in it, what must come of it, and why. */
export interface Kind {
  readonly name: string
  readonly what: string
  readonly set: () => MadeSet
  readonly expected: Expected
  readonly why: string
  readonly strict?: boolean
  readonly writing?: WritingOptions
}

export const target: Body = { boxes: [targetBox] }
export const organ: Body = { boxes: [organBox] }
/** What the set is where nothing is wrong with it. */
export const both: Bodies = { PTV50: target, Heart: organ }
export const asMade = { plans: [both] } as const

export const withoutDose = (bodies: Bodies): Bodies =>
  Object.fromEntries(
    Object.entries(bodies).map(([name, body]) => [name, body && { ...body, gy: null }]),
  )

/** What must be measured of a structure. */
export interface Truth {
  readonly volumeCc: number
  /** Mean, and what the hottest 2 % and 98 % of it get at least; `null` without dose. */
  readonly gy: { readonly mean: number; readonly d2: number; readonly d98: number } | null
}

const known = new WeakMap<Body, Truth>()
/** Width of the bins in which doses are sorted, in Gy. */
const binGy = 0.01

/** Measures a body by points in it, each of which stands for a cell around it. */
export function truthOf(body: Body): Truth {
  const truth = known.get(body) ?? measured(body)
  known.set(body, truth)
  return truth
}

function measured({ boxes, holes = [], gy = gyAt }: Body): Truth {
  const bins = new Float64Array(200 / binGy)
  let [mm3, sum] = [0, 0]
  boxes.forEach((box, i) => {
    // What lies in a box before is counted there.
    const others = [...boxes.slice(0, i), ...holes]
    const [xs, ys, zs] = [pointsOf(box[0]), pointsOf(box[1]), pointsOf(box[2])]
    const whole = box.reduce((product, [from, to]) => product * (to - from), 1)
    const each = whole / (xs.length * ys.length * zs.length)
    for (const x of xs)
      for (const y of ys)
        for (const z of zs) {
          const place: Vector3 = [x, y, z]
          if (others.some((other) => isIn(place, other))) continue
          const dose = gy?.(place) ?? 0
          mm3 += each
          sum += each * dose
          bins[Math.floor(dose / binGy)]! += each
        }
  })
  const volumeCc = mm3 / 1000
  if (gy === null) return { volumeCc, gy: null }
  return { volumeCc, gy: { mean: sum / mm3, d2: hottest(0.02), d98: hottest(0.98) } }

  /** What a part of the body gets at least. */
  function hottest(share: number): number {
    let [bin, above] = [bins.length, 0]
    while (above < share * mm3 && bin > 0) above += bins[--bin]!
    return (bin + 0.5) * binGy
  }
}

/** Points along a side of a box: not more than a millimetre apart, and 8 at least. */
function pointsOf([from, to]: readonly [number, number]): number[] {
  const count = Math.max(8, Math.ceil(to - from))
  return Array.from({ length: count }, (_, i) => from + ((i + 0.5) * (to - from)) / count)
}

function isIn(place: Vector3, box: Box): boolean {
  return box.every(([from, to], axis) => place[axis]! > from && place[axis]! < to)
}
