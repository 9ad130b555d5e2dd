import { describe, expect, it } from 'vitest'
import {
  expectedCosineHamming,
  expectedHamming,
  gaussianKernel,
  hammingPlateau,
  leastHamming,
  mostHamming,
} from '../../src/hash/expected-hamming.js'

/**
 * (2/π) E|sin(sZ/2)| by numerical integration over the normal density, with steps much finer than any period of |sin|.
 */
function integrated(s: number): number {
  const step = 1e-4
  let sum = 0
  for (let z = step / 2; z < 9; z += step)
    sum += Math.abs(Math.sin((s * z) / 2)) * Math.exp((-z * z) / 2)
  return (2 / Math.PI) * Math.sqrt(2 / Math.PI) * sum * step
}

describe('expectedHamming', () => {
  it('agrees with a numerical integral', () => {
    for (const s of [0.001, 0.1, 0.5, 0.699, 0.701, 1, 1.7, 2.5, 4, 8]) {
      expect(expectedHamming(1, s)).toBeCloseTo(integrated(s), 8)
    }
  })

  it('is continuous where its two series meet', () => {
    const [below, above] = [expectedHamming(1, 0.7 - 1e-12), expectedHamming(1, 0.7)]
    expect(Math.abs(above - below)).toBeLessThan(1e-12)
  })

  it('depends on the square root of the bandwidth times the distance', () => {
    expect(expectedHamming(4, 0.6)).toBeCloseTo(expectedHamming(1, 1.2), 15)
  })

  it('starts at 0 with slope 0.254 and approaches the plateau 4/π²', () => {
    expect(expectedHamming(1, 0)).toBe(0)
    expect(expectedHamming(1, 1e-6) / 1e-6).toBeCloseTo(0.254, 3)
    expect(expectedHamming(1, 2.5) / hammingPlateau).toBeCloseTo(0.97, 2)
    expect(expectedHamming(1, 40)).toBe(4 / Math.PI ** 2)
  })

  it('increases with the distance, and lies between the bounds of Raginsky and Lazebnik', () => {
    let before = 0
    for (let s = 0.01; s < 6; s += 0.01) {
      const h = expectedHamming(1, s)
      const kernel = gaussianKernel(1, s)
      expect(h).toBeGreaterThan(before)
      expect(h).toBeGreaterThanOrEqual(leastHamming(kernel))
      expect(h).toBeLessThanOrEqual(mostHamming(kernel))
      before = h
    }
  })
})

describe('expectedCosineHamming', () => {
  /** Share of a full turn in which the signs of two cosines differ, averaged over normally distributed angles. */
  function folded(s: number): number {
    const step = 1e-4
    let sum = 0
    for (let z = step / 2; z < 9; z += step) {
      const turn = ((s * z) / Math.PI) % 2
      sum += Math.min(turn, 2 - turn) * Math.exp((-z * z) / 2)
    }
    return Math.sqrt(2 / Math.PI) * sum * step
  }

  it('agrees with a numerical integral and is continuous', () => {
    for (const s of [0.001, 0.0099, 0.0101, 0.3, 1, 2.5, 6]) {
      expect(expectedCosineHamming(1, s)).toBeCloseTo(folded(s), 6)
    }
  })

  it('approaches a plateau of one half', () => {
    expect(expectedCosineHamming(4, 20)).toBeCloseTo(0.5, 12)
  })
})
