import { random } from '../../src/core/random.js'

/** Seeded frames of a bright ellipse on a dark ground, of another place and size each. */
export function phantomFrames(
  count: number,
  options: { size: number; seed: number },
): Float32Array {
  const { size, seed } = options
  const source = random(seed)
  const out = new Float32Array(count * size * size)
  for (let n = 0; n < count; n++) {
    const [cx, cy] = [size * (0.3 + 0.4 * source.uniform()), size * (0.3 + 0.4 * source.uniform())]
    const [rx, ry] = [size * (0.1 + 0.2 * source.uniform()), size * (0.1 + 0.2 * source.uniform())]
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
        out[(n * size + y) * size + x] = inside ? 0.8 : 0.1
      }
    }
  }
  return out
}
