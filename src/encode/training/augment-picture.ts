import type { Random } from '../../core/random.js'
import { frameLength, type FrameShape } from '../trained/frame-tensor.js'
import type { PictureView } from '../frames/picture-frame.js'

/** Standard deviations of the random changes. */
const ZOOM = 0.07
const SHIFT = 0.03
/** Of the angle in radians, for views in which orientation matters, such as hands. */
const TURN = 0.12
/** Of the optical density of each colour, which models variations of stains. */
const STAIN = 0.06
const DENSITY = 0.03
const CONTRAST = 0.1

/**
 * Copies of frames as another section, stain or detector could have produced them. Tissue is rotated by any angle and
 * reflected, with mirrored edges, and the density of each colour is scaled and shifted. A grey image is rotated only
 * slightly, with black beyond its edges. A neuron is reflected along its axes.
 */
export function augmentPicture(
  frames: Float32Array,
  shape: FrameShape,
  { source, picture }: { source: Random; picture: PictureView },
): Float32Array {
  const { size, planes } = shape
  const length = frameLength(shape)
  const out = new Float32Array(frames.length)
  const middle = (size - 1) / 2
  for (let start = 0; start < frames.length; start += length) {
    const tissue = picture === 'colour'
    const angle = tissue
      ? 2 * Math.PI * source.uniform()
      : picture === 'grey'
        ? TURN * source.normal()
        : 0
    const zoom = 1 + ZOOM * source.normal()
    const [cos, sin] = [zoom * Math.cos(angle), zoom * Math.sin(angle)]
    const [dx, dy] = [SHIFT * size * source.normal(), SHIFT * size * source.normal()]
    const mirrored = [0, 1, 2].map(() => (picture !== 'grey' && source.uniform() < 0.5 ? -1 : 1))
    const change = lightOf(picture, source)
    for (let plane = 0; plane < planes; plane++) {
      const [across, down] = picture === 'sides' ? SIDES[plane]! : ([0, 1] as const)
      const [flipX, flipY] = [mirrored[across]!, mirrored[down]!]
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++) {
          const [u, v] = [flipX * (x - middle), flipY * (y - middle)]
          const value = valueAt(frames, start + plane, {
            size,
            planes,
            u: cos * u - sin * v + middle + dx,
            v: sin * u + cos * v + middle + dy,
            mirror: tissue,
          })
          out[start + (y * size + x) * planes + plane] = change(value, plane)
        }
    }
  }
  return out
}

/** Axes of the three drawings of a neuron, to the right and down. */
const SIDES = [
  [0, 1],
  [0, 2],
  [2, 1],
] as const

function lightOf(picture: PictureView, source: Random): (value: number, plane: number) => number {
  if (picture === 'sides') return (value) => value
  if (picture === 'grey') {
    const [gain, lift] = [1 + CONTRAST * source.normal(), DENSITY * source.normal()]
    // Air stays air: a change would only reveal the edge of the picture.
    return (value) => (value > 0 ? Math.max(0, value * gain + lift) : 0)
  }
  // exp(−(gain·density + shift)) with density −ln(value) is a power and a factor.
  const gains = [0, 1, 2].map(() => 1 + STAIN * source.normal())
  const factors = [0, 1, 2].map(() => Math.exp(DENSITY * source.normal()))
  return (value, plane) => Math.max(value, 1 / 256) ** gains[plane]! * factors[plane]!
}

interface Point {
  size: number
  planes: number
  u: number
  v: number
  /** Mirrors at the edges; else values beyond them are 0. */
  mirror: boolean
}

/** The value of a plane between its pixels, by linear interpolation. */
function valueAt(
  frames: Float32Array,
  start: number,
  { size, planes, u, v, mirror }: Point,
): number {
  const [left, top] = [Math.floor(u), Math.floor(v)]
  const [right, low] = [u - left, v - top]
  const value = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= size || y >= size) {
      if (!mirror) return 0
      x = folded(x, size)
      y = folded(y, size)
    }
    return frames[start + (y * size + x) * planes]!
  }
  return (
    (1 - low) * ((1 - right) * value(left, top) + right * value(left + 1, top)) +
    low * ((1 - right) * value(left, top + 1) + right * value(left + 1, top + 1))
  )
}

function folded(at: number, size: number): number {
  const turn = ((at % (2 * size)) + 2 * size) % (2 * size)
  return turn < size ? turn : 2 * size - 1 - turn
}
