import { describe, expect, it } from 'vitest'
import { nonNegativeWeights } from '../../../src/compare/prediction/non-negative-weights.js'
import { random } from '../../../src/core/random.js'

describe('nonNegativeWeights', () => {
  it('recovers weights, and gives 0 to columns without information or with a negative effect', () => {
    const source = random(3)
    const rows = Array.from({ length: 400 }, () =>
      Float64Array.from({ length: 4 }, (_, f) => (f === 3 ? 0 : (f + 1) * source.normal())),
    )
    const values = Float64Array.from(rows, (row) => 2 * row[0]! - 1.5 * row[1]! + 0.5 * row[2]!)
    const { weights, explained } = nonNegativeWeights(rows, values)
    expect(weights[0]).toBeCloseTo(2, 0)
    expect(weights[1]).toBe(0)
    expect(weights[2]).toBeCloseTo(0.5, 0)
    expect(weights[3]).toBe(0)
    expect(explained).toBeGreaterThan(0.3)
    expect(explained).toBeLessThan(0.6)
  })
})
