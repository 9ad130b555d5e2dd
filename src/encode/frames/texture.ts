import type { Raster } from '../../core/picture.js'
import { halved, opponentPlanes, type BytePlane } from './byte-planes.js'

/** Number of scales; each halves the plane. */
const SCALES = 3
const PATTERNS = 10
const STEPS = 12
/** Steps of the values of a plane. */
const VALUES = 24
/** Steps of each value in the joint histogram. */
const JOINT = 8
/** Least difference by which a neighbour counts as brighter; less is noise of the decoder. */
const BRIGHTER = 1
/** Weight of the joint histogram, which is one among many. */
const JOINT_WEIGHT = 2

const GREY = ['light'] as const
const COLOUR = ['light', 'red_green', 'yellow_blue'] as const

export const GREY_TEXTURE_NAMES: readonly string[] = namesOf(GREY)
export const TEXTURE_NAMES: readonly string[] = [
  ...namesOf(COLOUR),
  ...Array.from(
    { length: JOINT ** 3 },
    (_, i) => `colour_${Math.floor(i / JOINT ** 2)}${Math.floor(i / JOINT) % JOINT}${i % JOINT}`,
  ),
]

/**
 * Texture and colours, invariant to mirroring and rotation by quarter turns. Histograms over all pixels of
 * rotation-invariant local binary patterns (riu2; Ojala, Pietikäinen and Mäenpää, PAMI 2002), of gradients and of
 * differences from the surroundings, at three scales of lightness and of two opponent colours; of values; and one joint
 * histogram of the three planes. All are square roots of shares.
 */
export function texture(raster: Raster): Float32Array {
  const planes = opponentPlanes(raster, COLOUR.length)
  const out = new Float32Array(TEXTURE_NAMES.length)
  const at = describe(planes, out)
  roots(out.subarray(at), jointHistogram(planes), JOINT_WEIGHT)
  return out
}

/** As `texture`, of lightness alone. */
export function greyTexture(raster: Raster): Float32Array {
  const out = new Float32Array(GREY_TEXTURE_NAMES.length)
  describe(opponentPlanes(raster, GREY.length), out)
  return out
}

/** Writes the description of planes; returns the index after its end. */
function describe(planes: readonly BytePlane[], out: Float32Array): number {
  let at = 0
  for (const plane of planes) {
    let scaled = plane
    for (let scale = 0; scale < SCALES; scale++) {
      if (scale > 0) scaled = halved(scaled)
      const { patterns, gradients, differences } = localHistograms(scaled)
      for (const counts of [patterns, gradients, differences]) {
        roots(out.subarray(at), counts)
        at += counts.length
      }
      if (scale > 0 && scale < SCALES - 1) continue
      roots(out.subarray(at), valueHistogram(scaled))
      at += VALUES
    }
  }
  return at
}

function namesOf(planes: readonly string[]): string[] {
  const each = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${name}_${i}`)
  return planes.flatMap((plane) =>
    Array.from({ length: SCALES }, (_, scale) => `${plane}_${scale}`).flatMap((name, scale) => [
      ...each(`${name}_pattern`, PATTERNS),
      ...each(`${name}_gradient`, STEPS),
      ...each(`${name}_difference`, STEPS),
      ...(scale > 0 && scale < SCALES - 1 ? [] : each(`${name}_value`, VALUES)),
    ]),
  )
}

/** Number of ones in a pattern with at most two changes around the circle, else 9. */
const PATTERN = Uint8Array.from({ length: 256 }, (_, bits) => {
  let [changes, ones] = [0, 0]
  for (let i = 0; i < 8; i++) {
    const bit = (bits >> i) & 1
    changes += bit ^ ((bits >> ((i + 1) & 7)) & 1)
    ones += bit
  }
  return changes <= 2 ? ones : PATTERNS - 1
})

/** Steps of a gradient by its square, finer for small gradients. */
const GRADIENT = Uint8Array.from({ length: 2 * 255 ** 2 + 1 }, (_, square) =>
  Math.min(STEPS - 1, Math.floor(2 * Math.log2(1 + (60 / 255) * Math.sqrt(square)))),
)

/** Steps of eight times the difference of a pixel from its surroundings. */
const FARTHEST = 8 * 255
const DIFFERENCE = Uint8Array.from({ length: 2 * FARTHEST + 1 }, (_, i) => {
  const difference = (i - FARTHEST) / FARTHEST
  const size = 1.2 * Math.log2(1 + 120 * Math.abs(difference))
  return Math.min(STEPS - 1, Math.max(0, Math.floor(STEPS / 2 + Math.sign(difference) * size)))
})

function localHistograms({ rows, columns, values }: BytePlane) {
  const patterns = new Uint32Array(PATTERNS)
  const gradients = new Uint32Array(STEPS)
  const differences = new Uint32Array(STEPS)
  for (let row = 1; row < rows - 1; row++) {
    const end = (row + 1) * columns - 1
    for (let at = row * columns + 1; at < end; at++) {
      const value = values[at]!
      const least = value + BRIGHTER
      const a = values[at - columns - 1]!
      const b = values[at - columns]!
      const c = values[at - columns + 1]!
      const d = values[at + 1]!
      const e = values[at + columns + 1]!
      const f = values[at + columns]!
      const g = values[at + columns - 1]!
      const h = values[at - 1]!
      // The sign bit of a 32-bit difference, which is faster than a comparison.
      const bits =
        ((least - a) >>> 31) |
        (((least - b) >>> 31) << 1) |
        (((least - c) >>> 31) << 2) |
        (((least - d) >>> 31) << 3) |
        (((least - e) >>> 31) << 4) |
        (((least - f) >>> 31) << 5) |
        (((least - g) >>> 31) << 6) |
        (((least - h) >>> 31) << 7)
      patterns[PATTERN[bits]!]!++
      gradients[GRADIENT[(d - h) * (d - h) + (f - b) * (f - b)]!]!++
      differences[DIFFERENCE[a + b + c + d + e + f + g + h - 8 * value + FARTHEST]!]!++
    }
  }
  return { patterns, gradients, differences }
}

function valueHistogram({ values }: BytePlane): Uint32Array {
  const counts = new Uint32Array(VALUES)
  for (const value of values) counts[(value * VALUES) >> 8]!++
  return counts
}

/** Steps are narrow near the middle, where the opponent colours of tissue and skin lie. */
const LIGHT_STEP = Uint8Array.from({ length: 256 }, (_, value) => value >> 5)
const OPPONENT_STEP = (middle: number) =>
  Uint8Array.from({ length: 256 }, (_, value) =>
    Math.min(JOINT - 1, Math.max(0, Math.floor((value - middle) / 16 + JOINT / 2))),
  )
const RED_GREEN_STEP = OPPONENT_STEP(176)
const YELLOW_BLUE_STEP = OPPONENT_STEP(115)

function jointHistogram([light, redGreen, yellowBlue]: readonly BytePlane[]): Uint32Array {
  const counts = new Uint32Array(JOINT ** 3)
  const [a, b, c] = [light!.values, redGreen!.values, yellowBlue!.values]
  for (let i = 0; i < a.length; i++)
    counts[
      (LIGHT_STEP[a[i]!]! * JOINT + RED_GREEN_STEP[b[i]!]!) * JOINT + YELLOW_BLUE_STEP[c[i]!]!
    ]!++
  return counts
}

/** Square roots of shares, whose Euclidean distance is Hellinger's. */
function roots(out: Float32Array, counts: Uint32Array, weight = 1): void {
  let sum = 0
  for (const count of counts) sum += count
  for (let i = 0; i < counts.length; i++)
    out[i] = sum > 0 ? weight * Math.sqrt(counts[i]! / sum) : 0
}
