import { random } from '../../src/core/random.js'

/** Seeded frames of even gradients that differ in brightness and direction, on which encoders train quickly. */
export function phantomFrames(
  count: number,
  options: { size: number; seed: number },
): Float32Array {
  const { size, seed } = options
  const source = random(seed)
  const out = new Float32Array(count * size * size)
  for (let n = 0; n < count; n++) {
    const brightness = source.uniform()
    const across = source.uniform() - 0.5
    const down = source.uniform() - 0.5
    for (let i = 0; i < size * size; i++) {
      const x = (i % size) / size - 0.5
      const y = Math.floor(i / size) / size - 0.5
      out[n * size * size + i] = brightness + across * x + down * y
    }
  }
  return out
}
