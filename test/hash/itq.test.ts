import { describe, expect, it } from 'vitest'
import { learnItq } from '../../src/hash/itq.js'
import { clumps } from './sample.js'

const [dims, bits] = [12, 8]
const sample = clumps({ dims, rows: 400, seed: 2 }).map((vector) => vector.map((v) => v - 1))

function products(weight: Float32Array, vector: Float32Array): number[] {
  return Array.from({ length: bits }, (_, bit) =>
    vector.reduce((sum, value, d) => sum + value * (weight[bit * dims + d] as number), 0),
  )
}

/** Quantisation loss of replacing projections by their signs, up to a common scale. */
function loss(weight: Float32Array): number {
  const values = sample.flatMap((vector) => products(weight, vector))
  const scale = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length
  return values.reduce((sum, value) => sum + (Math.abs(value) - scale) ** 2, 0)
}

describe('learnItq', () => {
  const { weight } = learnItq(sample, bits, 1)

  it('returns orthonormal directions', () => {
    for (let i = 0; i < bits; i++) {
      const own = weight.slice(i * dims, (i + 1) * dims)
      products(weight, own).forEach((product, j) => expect(product).toBeCloseTo(i === j ? 1 : 0, 5))
    }
  })

  it('rotates them to a clearly lower loss than that of the axes, for every seed', () => {
    const rounds = [1, 2, 3].map((seed) => loss(learnItq(sample, bits, seed).weight))
    const axes = new Float32Array(bits * dims)
    for (let bit = 0; bit < bits; bit++) axes[bit * dims + bit] = 1
    for (const one of rounds) expect(one).toBeLessThan(0.9 * loss(axes))
  })

  it('learns from rows with a lower rank than the number of bits, where several rotations are optimal', () => {
    const flat = sample.map((vector) => vector.map((value, d) => (d < 3 ? value : 0)))
    const learned = learnItq(flat, bits, 1).weight
    expect(learned.every(Number.isFinite)).toBe(true)
  })
})
