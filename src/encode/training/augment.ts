import type { Random } from '../../core/random.js'
import { frameLength, type FrameShape } from '../trained/frame-tensor.js'

/** Standard deviations of the random changes. */
const ZOOM = 0.06
const STRETCH = 0.06
const TURN = 0.08
const SHIFT = 0.03
const BRIGHTNESS = 0.03
const CONTRAST = 0.08
/** Width of the noise of each pixel, uniformly distributed. */
const NOISE = 0.1

export interface Augmented {
  /** Input of the encoder. */
  readonly seen: Float32Array
  /** The same frame without noise, the target of the reconstruction. */
  readonly clean: Float32Array
}

/**
 * Copies of frames as another patient, couch or scanner could have produced them: zoomed, stretched, rotated, shifted,
 * brighter or darker, and noisier; half of them are mirrored left to right if `mirrored` is set. Everything beyond the
 * edge is air. All planes move together; brightness and contrast change only in the first `scanned` planes, since a
 * dose has none.
 */
export function augment(
  frames: Float32Array,
  shape: FrameShape,
  { source, scanned, mirrored = false }: { source: Random; scanned: number; mirrored?: boolean },
): Augmented {
  const { size, planes } = shape
  const length = frameLength(shape)
  const seen = new Float32Array(frames.length)
  const clean = new Float32Array(frames.length)
  const middle = (size - 1) / 2
  for (let start = 0; start < frames.length; start += length) {
    const zoom = 1 + ZOOM * source.normal()
    const side = mirrored && source.uniform() < 0.5 ? -1 : 1
    const across = side * zoom * (1 + STRETCH * source.normal())
    const angle = TURN * source.normal()
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const [dx, dy] = [SHIFT * size * source.normal(), SHIFT * size * source.normal()]
    const contrast = 1 + CONTRAST * source.normal()
    const brightness = BRIGHTNESS * source.normal()
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const u = across * (cos * (x - middle) - sin * (y - middle)) + middle + dx
        const v = zoom * (sin * (x - middle) + cos * (y - middle)) + middle + dy
        const at = start + (y * size + x) * planes
        for (let plane = 0; plane < planes; plane++) {
          const value = between(frames, { start: start + plane, size, planes, u, v })
          const here = at + plane
          if (plane < scanned && value > 0) {
            // Air stays air: a change would only reveal the edge of the picture.
            const bright = value * contrast + brightness
            clean[here] = Math.max(0, bright)
            seen[here] = Math.max(0, bright + NOISE * (source.uniform() - 0.5))
          } else {
            clean[here] = seen[here] = value
          }
        }
      }
    }
  }
  return { seen, clean }
}

interface Point {
  start: number
  size: number
  planes: number
  u: number
  v: number
}

/** The value of a plane between its pixels, by linear interpolation. */
function between(frames: Float32Array, { start, size, planes, u, v }: Point): number {
  const [left, top] = [Math.floor(u), Math.floor(v)]
  if (left < -1 || top < -1 || left >= size || top >= size) return 0
  const [right, low] = [u - left, v - top]
  const value = (x: number, y: number) =>
    x < 0 || y < 0 || x >= size || y >= size ? 0 : frames[start + (y * size + x) * planes]!
  return (
    (1 - low) * ((1 - right) * value(left, top) + right * value(left + 1, top)) +
    low * ((1 - right) * value(left, top + 1) + right * value(left + 1, top + 1))
  )
}
