import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { doseField } from '../../../src/ingest/contours/dose-field.js'
import { stackOf, type Plane, type Stack, type Vector3 } from '../../../src/ingest/volume/planes.js'

const [columns, rows, planes] = [6, 5, 4]
const raster = {
  rows,
  columns,
  across: [1, 0, 0],
  down: [0, 1, 0],
  spacingMm: [4, 3],
} as const

/** A dose grid with the values of a function of column, row and plane; planes are 5 mm apart. */
function stack(gyAt: (column: number, row: number, plane: number) => number): Stack {
  return stackOf(
    raster,
    Array.from({ length: planes }, (_, k) => ({
      origin: [0, 0, 5 * k] as const,
      values: Float32Array.from({ length: rows * columns }, (_, i) =>
        gyAt(i % columns, Math.floor(i / columns), k),
      ),
    })),
  )
}

/** Cells of one layer, where each voxel of a plane of the grid is divided into `parts` along each axis. */
function cells(parts: number, plane: number, layer: number): { plane: Plane; mm: number } {
  const [heightMm, widthMm, mm] = [4 / parts, 3 / parts, 5 / parts]
  const origin: Vector3 = [
    (widthMm - 3) / 2,
    (heightMm - 4) / 2,
    5 * plane + (mm - 5) / 2 + layer * mm,
  ]
  const spacingMm = [heightMm, widthMm] as const
  return {
    plane: { ...raster, rows: rows * parts, columns: columns * parts, origin, spacingMm },
    mm,
  }
}

function sample(grids: readonly Stack[], parts: number, plane: number, layer: number) {
  const { plane: at, mm } = cells(parts, plane, layer)
  const where = new Uint8Array(at.rows * at.columns).fill(1)
  return { at, ...doseField(grids).cells(at, mm, where) }
}

const gy = fc.double({ min: 0, max: 80, noNaN: true })
const anyDose = fc
  .array(gy, { minLength: rows * columns * planes, maxLength: rows * columns * planes })
  .map((all) => stack((x, y, k) => all[(k * rows + y) * columns + x]!))

describe('doses of cells', () => {
  test('are exact for a linear dose', () => {
    const even = stack((x, y, k) => 30 + 3 * 0.1 * x + 4 * 0.05 * y + 5 * 0.2 * k)
    for (const layer of [0, 1, 2]) {
      const { at, gy: found, spreadGy } = sample([even], 3, 1, layer)
      found.forEach((value, i) => {
        const x = at.origin[0] + (i % at.columns) * at.spacingMm[1]
        const y = at.origin[1] + Math.floor(i / at.columns) * at.spacingMm[0]
        expect(value).toBeCloseTo(30 + 0.1 * x + 0.05 * y + 0.2 * at.origin[2], 4)
      })
      expect(spreadGy[40]).toBeCloseTo(Math.hypot(0.05, 0.2 / 6, 1 / 6), 4)
    }
  })

  test('preserve the mean dose of their voxel and stay within the doses of its neighbours', () => {
    fc.assert(
      fc.property(anyDose, (dose) => {
        const parts = 2
        const sums = new Float64Array(rows * columns)
        for (const layer of [0, 1]) {
          const { at, gy: found } = sample([dose], parts, 1, layer)
          found.forEach((value, i) => {
            const [x, y] = [i % at.columns, Math.floor(i / at.columns)]
            const voxel = Math.floor(y / parts) * columns + Math.floor(x / parts)
            sums[voxel]! += value / parts ** 3
          })
        }
        const { values } = dose.images[1]!
        for (let y = 1; y < rows - 1; y++)
          for (let x = 1; x < columns - 1; x++) {
            const at = y * columns + x
            // The sum can only exceed the value, where negative doses were raised to 0 Gy.
            expect(sums[at]!).toBeGreaterThan(values[at]! - 1e-3)
            const near = [at - 1, at + 1, at - columns, at + columns].map((i) => values[i]!)
            const most = Math.max(...near, dose.images[0]!.values[at]!, dose.images[2]!.values[at]!)
            if (values[at]! >= most) expect(sums[at]!).toBeLessThan(values[at]! + 1e-3)
          }
      }),
      { seed: 8, numRuns: 50 },
    )
  })

  test('of several grids are added, and unknown outside any of them', () => {
    const even = stack((x) => 10 + x)
    const moved: Stack = stackOf(
      even.raster,
      even.images.map(({ origin, values }) => ({
        origin: [origin[0] + 6, origin[1], origin[2]],
        values,
      })),
    )
    const { gy: found } = sample([even, even, moved], 1, 1, 0)
    expect([...found.subarray(0, columns)].map((value) => +value.toFixed(3))).toEqual([
      NaN,
      NaN,
      2 * 12 + 10,
      2 * 13 + 11,
      2 * 14 + 12,
      2 * 15 + 13,
    ])
  })

  test('are known up to the outer faces of the outer voxels', () => {
    const dose = doseField([stack(() => 7)])
    const at = ([x, y, z]: Vector3) =>
      dose.cells(
        { ...raster, rows: 1, columns: 1, origin: [x, y, z], spacingMm: [0.1, 0.1] },
        0.1,
        Uint8Array.of(1),
      ).gy[0]
    for (const place of [
      [-1.49, 0, 0],
      [16.49, 0, 0],
      [0, -1.99, 0],
      [0, 0, -2.49],
      [0, 0, 17.49],
    ] as const)
      expect(at(place)).toBeCloseTo(7, 5)
    for (const place of [
      [-1.6, 0, 0],
      [16.6, 0, 0],
      [0, 18.1, 0],
      [0, 0, -2.6],
      [0, 0, 17.6],
    ] as const)
      expect(at(place)).toBeNaN()
  })
})
