import { pixelMm } from './canvas.js'
import { side } from '../volume/volume.js'

/** Rays per beam, one pixel apart; enough for the diagonal of a slice. */
export const rays = 184
/** Attenuation of a 6 MV beam in water, per mm. */
const attenuation = 0.005

/** Dose that every beam gives to every pixel of the body per unit of fluence. */
export interface BeamModel {
  readonly beams: number
  /** Pixels of the body. */
  readonly pixels: Int32Array
  /** For pixel n and beam b, at index `n * beams + b`: the ray to the left of the pixel, numbered over all beams. */
  readonly ray: Int32Array
  /** Weight of the next ray. */
  readonly share: Float32Array
  /** Dose of the beam at the pixel. */
  readonly strength: Float32Array
}

export interface BeamOptions {
  readonly beams: number
  /** Radians. */
  readonly firstAngle: number
}

/** Parallel coplanar beams from all directions, each attenuated by the tissue in front of a pixel. */
export function beamModel(hu: Float32Array, body: Uint8Array, options: BeamOptions): BeamModel {
  const { beams, firstAngle } = options
  const pixels = Int32Array.from(body.keys()).filter((p) => body[p] === 1)
  const ray = new Int32Array(pixels.length * beams)
  const share = new Float32Array(ray.length)
  const strength = new Float32Array(ray.length)
  const density = hu.map((value, p) =>
    body[p] === 0 ? 0 : Math.min(1.7, Math.max(0, (value + 1000) / 1000)),
  )
  const centre = (side - 1) / 2
  for (let beam = 0; beam < beams; beam++) {
    const angle = firstAngle + (2 * Math.PI * beam) / beams
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const depth = depths(density, cos, sin)
    for (let n = 0; n < pixels.length; n++) {
      const pixel = pixels[n] as number
      const x = (pixel % side) - centre
      const y = Math.floor(pixel / side) - centre
      const across = x * cos + y * sin + rays / 2
      const forward = Math.round(y * cos - x * sin + rays / 2)
      const left = Math.floor(across)
      const at = n * beams + beam
      ray[at] = beam * rays + left
      share[at] = across - left
      const mm = depth[Math.round(across) * rays + forward] as number
      // The dose of a beam builds up over some millimetres of tissue.
      strength[at] = Math.exp(-attenuation * mm) * (1 - 0.45 * Math.exp(-mm / 5))
    }
  }
  return { beams, pixels, ray, share, strength }
}

/** Water-equivalent mm in front of each point of a grid that is rotated with the beam. */
function depths(density: Float32Array, cos: number, sin: number): Float32Array {
  const grid = new Float32Array(rays * rays)
  const centre = (side - 1) / 2
  for (let across = 0; across < rays; across++) {
    let mm = 0
    for (let forward = 0; forward < rays; forward++) {
      const s = across - rays / 2
      const r = forward - rays / 2
      const column = Math.round(s * cos - r * sin + centre)
      const row = Math.round(s * sin + r * cos + centre)
      if (column >= 0 && column < side && row >= 0 && row < side)
        mm += (density[row * side + column] as number) * pixelMm
      grid[across * rays + forward] = mm
    }
  }
  return grid
}
