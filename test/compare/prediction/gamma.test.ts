import { describe, expect, it } from 'vitest'
import type { Grid } from '../../../src/core/signed-distance.js'
import { gammaPassRate } from '../../../src/compare/prediction/gamma.js'

const grid: Grid = { size: [6, 12, 40], mm: [2.5, 3, 3] }
const [slices, rows, columns] = grid.size
/** Doses that vary only along the columns. */
const along = (gy: (mm: number) => number) =>
  Float32Array.from({ length: slices * rows * columns }, (_, i) => gy((i % columns) * grid.mm[2]))

describe('gammaPassRate', () => {
  it('is 1 for identical doses', () => {
    const dose = along((mm) => 20 + 30 * Math.exp(-(((mm - 60) / 20) ** 2)))
    expect(gammaPassRate(dose, dose, grid)).toBe(1)
  })

  it('depends only on the difference of doses if they are uniform', () => {
    const flat = along(() => 50)
    expect(
      gammaPassRate(
        flat,
        along(() => 50 * 1.029),
        grid,
      ),
    ).toBe(1)
    expect(
      gammaPassRate(
        flat,
        along(() => 50 * 0.971),
        grid,
      ),
    ).toBe(1)
    expect(
      gammaPassRate(
        flat,
        along(() => 50 * 1.031),
        grid,
      ),
    ).toBe(0)
    expect(
      gammaPassRate(
        flat,
        along(() => 50 * 1.031),
        grid,
        { dose: 0.04, mm: 3, least: 0.1 },
      ),
    ).toBe(1)
  })

  it('tolerates a shift within the distance at a steep edge, but no larger one', () => {
    // Gamma is at most the shift divided by the tolerance of distance.
    const edge = (shift: number) => along((mm) => 60 / (1 + Math.exp((mm - 60 - shift) / 3)))
    const near = gammaPassRate(edge(0), edge(2), grid, { dose: 0.03, mm: 3, least: 0.2 })
    const far = gammaPassRate(edge(0), edge(6), grid, { dose: 0.03, mm: 3, least: 0.2 })
    expect(near).toBe(1)
    expect(far).toBeLessThan(0.96)
  })

  it('follows the formula for a linear ramp, in both dose and distance', () => {
    // With slope g and shift s, gamma is g s / sqrt(D² + (g d)²) for tolerances D and d (Low and Dempsey 2003).
    const slope = 0.5
    const ramp = (shift: number) => along((mm) => 10 + slope * (mm - shift))
    const highest = 10 + slope * (columns - 1) * grid.mm[2]
    const bound = Math.hypot(0.03 * highest, slope * 3) / slope
    const inner = { dose: 0.03, mm: 3, least: 0.3 }
    expect(gammaPassRate(ramp(0), ramp(0.95 * bound), grid, inner)).toBeGreaterThan(0.93)
    expect(gammaPassRate(ramp(0), ramp(1.1 * bound), grid, inner)).toBe(0)
  })

  it('ignores voxels below the lowest dose', () => {
    const step = along((mm) => (mm < 60 ? 1 : 50))
    const other = along((mm) => (mm < 60 ? 4 : 50))
    expect(gammaPassRate(step, other, grid)).toBe(1)
  })
})
