import { createHash } from 'node:crypto'

/**
 * Uniform numbers in (0, 1): word i of SHA-256("seed:label:block"), 32 bits each: `lsh_internal.uniforms`. They depend
 * on nothing but their labels, so that SQL and TypeScript draw the same numbers.
 */
export function hashedUniforms(seed: number, label: string, count: number): Float64Array {
  const values = new Float64Array(count)
  for (let i = 0; i < count; i += 8) {
    const digest = createHash('sha256')
      .update(`${seed}:${label}:${i / 8}`)
      .digest()
    const end = Math.min(8, count - i)
    for (let word = 0; word < end; word++) {
      // Offset by half a step, because 0 has no logarithm.
      values[i + word] = (digest.readUInt32BE(4 * word) + 0.5) / 2 ** 32
    }
  }
  return values
}

/** Standard normal numbers from pairs of uniform numbers, by Box and Muller: `lsh_internal.normals`. */
export function hashedNormals(seed: number, label: string, count: number): Float64Array {
  const uniforms = hashedUniforms(seed, label, count + (count % 2))
  const values = new Float64Array(count)
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniforms[i] as number))
    const angle = 2 * Math.PI * (uniforms[i + 1] as number)
    values[i] = radius * Math.cos(angle)
    // If the count is odd, the last one is out of range, and the typed array ignores it.
    values[i + 1] = radius * Math.sin(angle)
  }
  return values
}
