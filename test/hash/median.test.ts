import { describe, expect, it } from 'vitest'
import { median } from '../../src/hash/median.js'

describe('median', () => {
  it('returns the middle value, or the mean of the two middle values', () => {
    expect(median(Float64Array.of(5))).toBe(5)
    expect(median(Float64Array.of(9, -1, 10))).toBe(9)
    expect(median(Float64Array.of(10, 1, 4, 2))).toBe(3)
  })

  it('does not reorder its argument', () => {
    const values = Float64Array.of(3, 1, 2)
    median(values)
    expect([...values]).toEqual([3, 1, 2])
  })
})
