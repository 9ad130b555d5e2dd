import { describe, expect, test } from 'vitest'
import { nestLoops, type LoopNest } from '../../../src/ingest/contours/loop-nest.js'
import { coverageOf, type CellGrid } from '../../../src/ingest/contours/plane-coverage.js'

const grid: CellGrid = { left: -10, top: -8, widthMm: 2, heightMm: 1, rows: 16, columns: 10 }

const nestOf = (...loops: number[][]): LoopNest =>
  nestLoops(loops.map((loop) => ({ loop: Float64Array.from(loop), xor: false })))!

function shares(nest: LoopNest, of: CellGrid = grid): Map<string, number> {
  const { row, column, rows, columns, share } = coverageOf(nest, of)
  expect(share).toHaveLength(rows * columns)
  return new Map(
    [...share].flatMap((part, i): [string, number][] =>
      part > 0 ? [[`${row + Math.floor(i / columns)},${column + (i % columns)}`, part]] : [],
    ),
  )
}

const total = (parts: Map<string, number>) => [...parts.values()].reduce((a, b) => a + b, 0)

describe('coverageOf', () => {
  test('returns the covered share of each cell', () => {
    const found = shares(nestOf([-1, 0.25, 3, 0.25, 3, 2, -1, 2]))
    expect(Object.fromEntries([...found].map(([cell, part]) => [cell, +part.toFixed(6)]))).toEqual({
      '8,4': 0.375,
      '8,5': 0.75,
      '8,6': 0.375,
      '9,4': 0.5,
      '9,5': 1,
      '9,6': 0.5,
    })
  })

  test('detects a contour within a single cell', () => {
    const found = shares(nestOf([0.5, 0.1, 1.5, 0.1, 1.5, 0.6, 0.5, 0.6]))
    expect([...found]).toEqual([['8,5', expect.closeTo(0.25, 6)]])
  })

  test('sums to the area of any contour for every size of cells', () => {
    const circle = Array.from({ length: 90 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 90
      return [0.3 + 5 * Math.cos(angle), 0.7 + 5 * Math.sin(angle)]
    }).flat()
    const area = (90 / 2) * 25 * Math.sin((2 * Math.PI) / 90)
    for (const parts of [1, 3, 8]) {
      const fine = {
        ...grid,
        widthMm: 2 / parts,
        heightMm: 1 / parts,
        rows: 16 * parts,
        columns: 10 * parts,
      }
      expect((total(shares(nestOf(circle), fine)) * 2) / parts ** 2).toBeCloseTo(area, 5)
    }
  })

  test('clips parts outside the grid', () => {
    expect(total(shares(nestOf([-50, -50, 50, -50, 50, 50, -50, 50])))).toBeCloseTo(160, 6)
    expect(total(shares(nestOf([-50, 0, 0, 0, 0, 1, -50, 1])))).toBeCloseTo(5, 6)
    expect(shares(nestOf([20, 20, 30, 20, 30, 30, 20, 30])).size).toBe(0)
    expect(shares(nestOf([-30, -30, -20, -30, -20, -20, -30, -20])).size).toBe(0)
  })
})
