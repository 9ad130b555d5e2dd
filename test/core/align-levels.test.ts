import { describe, expect, it } from 'vitest'
import { alignLevels } from '../../src/core/align-levels.js'
import { random } from '../../src/core/random.js'

describe('alignLevels', () => {
  it('estimates the shift of each patient despite missing organs and one inconsistently contoured organ', () => {
    const source = random(3)
    const anatomy = { Brainstem: 20, LeftParotid: 60, Mandible: 75, SpinalCord: 150 }
    const moved = Array.from({ length: 40 }, () => 100 * source.normal())
    const patients = moved.map((shift, i) => {
      const own = Object.entries(anatomy).filter((_, organ) => organ === 3 || (i + organ) % 3 > 0)
      return new Map(
        own.map(([name, mm]) => {
          const scatter = name === 'SpinalCord' ? 30 : 3
          return [name, mm + shift + scatter * source.normal()]
        }),
      )
    })
    const origins = alignLevels(patients)
    const middle = origins.reduce((sum, mm, i) => sum + mm - moved[i]!, 0) / moved.length
    const errors = origins.map((mm, i) => Math.abs(mm - moved[i]! - middle)).sort((a, b) => a - b)
    expect(errors[20]).toBeLessThan(3)
    expect(errors[39]).toBeLessThan(20)
  })

  it('returns NaN for a patient without organs', () => {
    const [first, second] = alignLevels([new Map([['Mandible', 7]]), new Map()])
    expect(first).toBeCloseTo(7, 9)
    expect(second).toBeNaN()
  })
})
