import type { Morphology } from '../../core/picture.js'
import { projectNeuron } from '../../ingest/pictures/neuron-projection.js'

/** Rows and columns of a drawing of the neuron. */
const SIZE = 64
/** Lower limits of the rings of frequencies, in waves per side; the first ring holds only the mean. */
const RINGS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24]
/** Upper limit of the last ring. */
const END = 33

export const SPECTRUM_NAMES: readonly string[] = ['front', 'top', 'side'].flatMap((side) =>
  RINGS.map((from) => `${side}_${from}`),
)

const COSINE = Float64Array.from({ length: SIZE }, (_, i) => Math.cos((2 * Math.PI * i) / SIZE))
const SINE = Float64Array.from({ length: SIZE }, (_, i) => Math.sin((2 * Math.PI * i) / SIZE))

/**
 * Coarse and fine detail of a neuron's drawings from three sides: logarithms of the mean amplitude of their Fourier
 * transform in rings of frequencies. Moving or rotating a drawing changes it very little.
 */
export function spectrum(morphology: Morphology): Float32Array {
  const drawn = projectNeuron(morphology, SIZE)
  const out = new Float32Array(SPECTRUM_NAMES.length)
  for (let side = 0; side < 3; side++) {
    const drawing = drawn.subarray(side * SIZE ** 2, (side + 1) * SIZE ** 2)
    out.set(ringsOf(drawing.map(Math.sqrt)), side * RINGS.length)
  }
  return out
}

function ringsOf(values: Float32Array): Float64Array {
  const { real, imaginary } = transformedRows(values)
  const sum = new Float64Array(RINGS.length)
  const count = new Float64Array(RINGS.length)
  // The other half of the rows is the mirror image.
  for (let down = 0; down < SIZE / 2; down++)
    for (let across = 0; across < SIZE; across++) {
      const ring = ringAt(Math.hypot(down, across < SIZE / 2 ? across : across - SIZE))
      if (ring < 0) continue
      let [a, b] = [0, 0]
      for (let row = 0; row < SIZE; row++) {
        const turn = (row * down) % SIZE
        const at = row * SIZE + across
        a += real[at]! * COSINE[turn]! + imaginary[at]! * SINE[turn]!
        b += imaginary[at]! * COSINE[turn]! - real[at]! * SINE[turn]!
      }
      sum[ring]! += Math.hypot(a, b)
      count[ring]!++
    }
  return sum.map((value, ring) => Math.log1p(value / count[ring]!))
}

function transformedRows(values: Float32Array) {
  const real = new Float64Array(SIZE ** 2)
  const imaginary = new Float64Array(SIZE ** 2)
  for (let row = 0; row < SIZE; row++)
    for (let column = 0; column < SIZE; column++) {
      const value = values[row * SIZE + column]!
      // Skips empty pixels, which are most of a drawing.
      if (value === 0) continue
      for (let across = 0; across < SIZE; across++) {
        const turn = (column * across) % SIZE
        real[row * SIZE + across]! += value * COSINE[turn]!
        imaginary[row * SIZE + across]! -= value * SINE[turn]!
      }
    }
  return { real, imaginary }
}

/** Index of the ring of a frequency; -1 beyond the last ring. */
function ringAt(frequency: number): number {
  return frequency < END ? RINGS.findLastIndex((from) => from <= frequency) : -1
}
