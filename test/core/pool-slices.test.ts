import { describe, expect, it } from 'vitest'
import { levelOf, poolSlices, type PooledSlice } from '../../src/core/pool-slices.js'

const pooling = {
  features: 'a',
  levels: 'b',
  weights: [10, 5],
  levelsMm: [0, 50, 500],
  widthMm: 5,
}

/** Slices every 2 mm whose feature is 1 above and 3 below level 25; the predicted level of one slice is wrong. */
function slices(shift: number): PooledSlice[] {
  return Array.from({ length: 40 }, (_, i) => {
    const level = 2 * i - 10
    const told = i === 7 ? 900 : level
    return {
      features: Float32Array.of(level < 25 ? 1 : 3, 0.5),
      levels: Float32Array.of((told - 5) / 10),
      positionMm: level + shift,
    }
  })
}

describe('poolSlices', () => {
  it('averages the features around each level and returns 0 for a level without slices', () => {
    const vector = poolSlices(slices(0), pooling)
    expect([...vector].map((value) => Number(value.toFixed(3)))).toEqual([1, 0.5, 3, 0.5, 0, 0])
  })

  it('does not depend on where the plan begins, and tolerates one wrong level', () => {
    const moved = poolSlices(slices(333), pooling)
    poolSlices(slices(0), pooling).forEach((value, d) => expect(moved[d]).toBeCloseTo(value, 5))
  })

  it('returns an empty vector if there are no slices', () => {
    expect(poolSlices([], pooling)).toEqual(new Float32Array(0))
  })
})

describe('levelOf', () => {
  it('adds the last weight to the inner product of features and the other weights', () => {
    expect(levelOf(Float32Array.of(2, 3), [10, 100, 7])).toBe(327)
  })
})
