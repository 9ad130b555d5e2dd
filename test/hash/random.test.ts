import { describe, expect, it } from 'vitest'
import { hashedNormals, hashedUniforms } from '../../src/hash/random.js'

describe('random numbers from labels', () => {
  it('are the numbers that PostgreSQL drew', () => {
    expect([...hashedUniforms(7, 'phase', 3)]).toEqual([
      0.8471045197220519, 0.5358521476155147, 0.9415697265649214,
    ])
    const drawn = [1.055844177279032, 1.4595514426252332, 0.04692660898645213]
    const normals = hashedNormals(7, 'weight:0', 3)
    drawn.forEach((value, i) => expect(normals[i]).toBeCloseTo(value, 14))
  })

  it('do not depend on how many are drawn', () => {
    for (const count of [0, 1, 7, 8, 9, 15]) {
      expect(hashedUniforms(1, 'a', count)).toEqual(hashedUniforms(1, 'a', 40).slice(0, count))
      expect(hashedNormals(1, 'a', count)).toEqual(hashedNormals(1, 'a', 40).slice(0, count))
    }
  })

  it('differ by seed and by label', () => {
    const first = hashedUniforms(1, 'a', 8)
    expect(hashedUniforms(2, 'a', 8)).not.toEqual(first)
    expect(hashedUniforms(1, 'b', 8)).not.toEqual(first)
  })

  it('have the moments of their distributions', () => {
    const count = 100_000
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / count
    const uniforms = hashedUniforms(3, 'moments', count)
    const normals = hashedNormals(3, 'moments', count)
    // Five standard errors each.
    const near = (value: number, expected: number, variance: number) => {
      expect(Math.abs(value - expected)).toBeLessThan(5 * Math.sqrt(variance / count))
    }
    near(mean(uniforms), 1 / 2, 1 / 12)
    near(mean(uniforms.map((value) => value ** 2)), 1 / 3, 4 / 45)
    near(mean(normals), 0, 1)
    near(mean(normals.map((value) => value ** 2)), 1, 2)
    near(mean(normals.map((value) => value ** 4)), 3, 96)
    near(mean(normals.map((value, i) => value * (normals[i ^ 1] as number))), 0, 1)
  })
})
