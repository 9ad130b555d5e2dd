import { encode } from 'fast-png'
import type { Morphology } from '../../core/picture.js'

/** The three sides from which a neuron is drawn, as axes to the right and down. */
const SIDES = [
  ['x', 'y'],
  ['x', 'z'],
  ['z', 'y'],
] as const

/** Margin around the neuron, as a share of the side. */
const MARGIN = 0.04

/**
 * A neuron drawn from three sides, all at the scale of its largest extent: `3 * size * size` numbers, one drawing after
 * the other, row by row. A number is the length of branches in a pixel, in pixels, at most 1.
 */
export function projectNeuron(morphology: Morphology, size: number): Float32Array {
  const { x, y, z, parent } = morphology
  const axes = { x: spanOf(x), y: spanOf(y), z: spanOf(z) }
  const extent = Math.max(axes.x.extent, axes.y.extent, axes.z.extent, 1e-6)
  const scale = ((1 - 2 * MARGIN) * size) / extent
  const out = new Float32Array(3 * size * size)
  SIDES.forEach(([across, down], side) => {
    const u = placed(morphology[across], axes[across].middle)
    const v = placed(morphology[down], axes[down].middle)
    const drawing = out.subarray(side * size * size, (side + 1) * size * size)
    for (let i = 0; i < parent.length; i++) {
      const from = parent[i]!
      if (from >= 0) drawLine(drawing, size, [u(from), v(from), u(i), v(i)])
    }
    for (let i = 0; i < drawing.length; i++) drawing[i] = Math.min(1, drawing[i]!)
  })
  return out

  function placed(values: Float32Array, middle: number) {
    return (i: number) => (values[i]! - middle) * scale + size / 2
  }
}

/** A PNG of the three drawings side by side, dark on white. */
export function neuronPng(morphology: Morphology, size = 96): Uint8Array {
  const drawn = projectNeuron(morphology, size)
  const width = 3 * size
  const data = new Uint8Array(width * size)
  for (let side = 0; side < 3; side++)
    for (let i = 0; i < size * size; i++)
      data[Math.floor(i / size) * width + side * size + (i % size)] =
        255 - Math.round(255 * Math.sqrt(drawn[side * size * size + i]!))
  return encode({ width, height: size, data, depth: 8, channels: 1 })
}

function spanOf(values: Float32Array): { middle: number; extent: number } {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return { middle: (low + high) / 2, extent: high - low }
}

/** Distributes the length of a line over the pixels that it crosses, in steps of a third of a pixel. */
function drawLine(
  drawing: Float32Array,
  size: number,
  [fromU, fromV, toU, toV]: readonly [number, number, number, number],
): void {
  const length = Math.hypot(toU - fromU, toV - fromV)
  const steps = Math.max(1, Math.ceil(3 * length))
  for (let step = 0; step < steps; step++) {
    const at = (step + 0.5) / steps
    const column = Math.min(size - 1, Math.max(0, Math.floor(fromU + at * (toU - fromU))))
    const row = Math.min(size - 1, Math.max(0, Math.floor(fromV + at * (toV - fromV))))
    drawing[row * size + column]! += length / steps
  }
}
