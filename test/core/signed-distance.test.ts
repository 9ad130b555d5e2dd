import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { signedDistance, type Grid } from '../../src/core/signed-distance.js'

const grid: Grid = { size: [5, 7, 9], mm: [3, 2, 1.5] }
const [slices, rows, columns] = grid.size
const voxels = slices * rows * columns

function gap(a: number, b: number): number {
  const place = (i: number) => [
    Math.floor(i / (rows * columns)),
    Math.floor(i / columns) % rows,
    i % columns,
  ]
  const [p, q] = [place(a), place(b)]
  return Math.hypot(...grid.mm.map((mm, axis) => mm * (p[axis]! - q[axis]!)))
}

describe('signedDistance', () => {
  it('agrees with a brute-force search over all voxels and is negative inside', () => {
    const source = random(3)
    for (const share of [0.02, 0.3, 0.9]) {
      const inside = Uint8Array.from({ length: voxels }, () => (source.uniform() < share ? 1 : 0))
      inside[0] = 1
      inside[1] = 0
      const found = signedDistance(inside, grid, 100)
      found.forEach((distance, i) => {
        const others = Array.from(inside.keys()).filter((j) => inside[j] !== inside[i])
        const nearest = Math.min(...others.map((j) => gap(i, j)))
        expect(distance).toBeCloseTo(inside[i] ? -nearest : nearest, 4)
      })
    }
  })

  it('is limited to the given distance, also for an empty region', () => {
    const one = new Uint8Array(voxels)
    expect(new Set(signedDistance(one, grid, 8))).toEqual(new Set([8]))
    one[0] = 1
    expect(Math.max(...signedDistance(one, grid, 8))).toBe(8)
  })
})
