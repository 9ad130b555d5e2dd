import type { Raster } from '../../core/picture.js'

/** Steps per colour. */
const STEPS = 4

export const HISTOGRAM_NAMES: readonly string[] = Array.from(
  { length: STEPS ** 3 },
  (_, i) => `colour_${Math.floor(i / STEPS ** 2)}${Math.floor(i / STEPS) % STEPS}${i % STEPS}`,
)

/**
 * Joint histogram of red, green and blue in 4 steps each, as square roots of shares, whose Euclidean distance is
 * Hellinger's. The baseline of encoders of colour images.
 */
export function colourHistogram({ channels, pixels }: Raster): Float32Array {
  const counts = new Float32Array(STEPS ** 3)
  const step = (at: number) => (pixels[at]! * STEPS) >> 8
  const count = pixels.length / channels
  for (let i = 0; i < count; i++) {
    const at = i * channels
    const bin =
      channels === 1
        ? step(at) * (STEPS ** 2 + STEPS + 1)
        : (step(at) * STEPS + step(at + 1)) * STEPS + step(at + 2)
    counts[bin]!++
  }
  return counts.map((value) => Math.sqrt(value / count))
}
