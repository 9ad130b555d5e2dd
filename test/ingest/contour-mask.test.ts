import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillLoops } from '../../src/ingest/contour-mask.js'

const [rows, columns] = [12, 15]

function filled(...loops: number[][]): Uint8Array {
  const mask = new Uint8Array(rows * columns)
  fillLoops(
    loops.map((loop) => Float64Array.from(loop)),
    columns,
    mask,
  )
  return mask
}

const area = (mask: Uint8Array) => mask.reduce((sum, inside) => sum + inside, 0)
const square = (from: number, to: number) => [from, from, to, from, to, to, from, to]

/** Whether a pixel lies inside, by counting the lines to its right. */
function inside(loop: readonly number[], x: number, y: number): boolean {
  let crossed = false
  for (let i = 0, j = loop.length - 2; i < loop.length; j = i, i += 2) {
    const [x0, y0, x1, y1] = [loop[j]!, loop[j + 1]!, loop[i]!, loop[i + 1]!]
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) crossed = !crossed
  }
  return crossed
}

describe('fillLoops', () => {
  test('marks the pixels whose middle lies inside', () => {
    const mask = filled(square(1.5, 4.5))
    expect(area(mask)).toBe(9)
    expect(mask[2 * columns + 2]).toBe(1)
    expect(mask[2 * columns + 1]).toBe(0)
  })

  test('cuts holes and adds what lies beside', () => {
    expect(area(filled(square(0.5, 8.5), square(2.5, 4.5)))).toBe(64 - 4)
    expect(area(filled(square(0.5, 3.5), square(5.5, 7.5)))).toBe(9 + 4)
  })

  test('gives pixels on a line to one of two neighbours', () => {
    const left = filled([1, 1, 5, 1, 5, 6, 1, 6])
    const right = filled([5, 1, 9, 1, 9, 6, 5, 6])
    expect(area(left) + area(right)).toBe(40)
    expect(left.some((inside, i) => inside === 1 && right[i] === 1)).toBe(false)
  })

  test('cuts loops off at the edge of the image', () => {
    expect(area(filled(square(-50, 50)))).toBe(rows * columns)
    expect(area(filled(square(20, 50)))).toBe(0)
    expect(area(filled(square(-9, -2)))).toBe(0)
    expect(area(filled([-9, 3, 4.5, 3, 4.5, 5, -9, 5]))).toBe(5 * 2)
  })

  test('agrees with counting crossings for any loop', () => {
    const place = fc.double({ min: -4, max: 18, noNaN: true })
    const loops = fc.array(fc.tuple(place, place), { minLength: 3, maxLength: 12 })
    fc.assert(
      fc.property(loops, (points) => {
        const loop = points.flat()
        const mask = filled(loop)
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++)
            expect(mask[row * columns + column]).toBe(Number(inside(loop, column, row)))
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})
