import { describe, expect, test } from 'vitest'
import { enclosed, linesIn, nestLoops } from '../../../src/ingest/contours/loop-nest.js'
import { areaOf, bandsOf, type Loop } from '../../../src/ingest/contours/loop-spans.js'

const square = (from: number, to: number, shift = 0): number[] =>
  [from, from, to, from, to, to, from, to].map((mm, i) => (i % 2 === 0 ? mm + shift : mm))

function ring(radius: number, points = 48, turn = 0): number[] {
  return Array.from({ length: points }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / points
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  }).flat()
}

/** Area in mm² that contours enclose together. */
function area(loops: readonly (readonly number[])[], xor = false): number {
  const nest = nestLoops(loops.map((loop) => ({ loop: Float64Array.from(loop), xor })))
  if (nest === null) return 0
  const fine = Array.from({ length: 2001 }, (_, i) => i / 10 - 100)
  const lines = linesIn(nest).map(({ loop }) => loop)
  const bands = bandsOf(lines, fine, [-100, 100])
  return areaOf(
    enclosed(nest, bands, (loop: Loop) => loop),
    bands,
  )
}

const started = (loop: readonly number[], points: number) => [
  ...loop.slice(2 * points),
  ...loop.slice(0, 2 * points),
]
const reversed = (loop: readonly number[]) =>
  Array.from({ length: loop.length / 2 }, (_, i) =>
    loop.slice(-2 * i - 2, loop.length - 2 * i),
  ).flat()

describe('nestLoops', () => {
  const line = ring(20)
  const once = area([line])

  test.each([
    ['begun elsewhere', started(line, 7)],
    ['the other way round', reversed(line)],
    ['rounded', line.map((mm) => Math.round(mm * 10) / 10)],
    ['closed by its first point', [...line, ...line.slice(0, 2)]],
    ['with more points', ring(20.02, 200, 0.01)],
    ['moved by a tenth of a millimetre', line.map((mm) => mm + 0.1)],
    ['with a quarter of the points', line.filter((_, i) => i % 8 < 2)],
  ])('counts a repeated contour once: %s', (_, again) => {
    expect(area([line, again])).toBeCloseTo(once, 6)
    expect(area([again, line, line]) / once).toBeCloseTo(1, 1)
  })

  test('counts a contour that goes round twice once', () => {
    expect(area([[...line, ...line]])).toBeCloseTo(once, 6)
    expect(area([[...line, ...line, ...line.slice(0, 2)]])).toBeCloseTo(once, 6)
  })

  test.each([1, 3, 20])(
    'counts a contour that continues for %d points beyond its first once',
    (more) => {
      expect(area([[...line, ...line.slice(0, 2 * more)]])).toBeCloseTo(once, 6)
    },
  )

  test('cuts a hole whose corners lie on the contour around it', () => {
    expect(area([square(0, 40), [20, 0, 40, 20, 20, 40, 0, 20]])).toBeCloseTo(800, 6)
  })

  test('cuts a hole if a contour lies within another, and keeps an island in it', () => {
    expect(area([square(0, 40), square(10, 30)])).toBeCloseTo(1600 - 400, 6)
    expect(area([square(15, 25), square(10, 30), square(0, 40)])).toBeCloseTo(1300, 6)
    // A repeated hole counts once like any contour.
    expect(area([square(0, 40), square(10, 30), reversed(square(10, 30))])).toBeCloseTo(1200, 6)
  })

  test('cuts a hole that touches the contour around it or, by rounding, crosses it', () => {
    expect(area([square(0, 40), square(0, 20)])).toBeCloseTo(1200, 6)
    expect(area([square(0, 40), square(10, 30, -10.05)])).toBeCloseTo(1600 - 399, 0)
  })

  test('keeps a wall of one millimetre', () => {
    expect(area([ring(20), ring(19)]) / once).toBeCloseTo(1 - (19 / 20) ** 2, 6)
  })

  test('unites contours that cross or lie beside each other', () => {
    expect(area([square(0, 40), square(0, 40, 20)])).toBeCloseTo(2400, 6)
    expect(area([square(0, 10), square(0, 10, 30)])).toBeCloseTo(200, 6)
    // Two contours that touch share only an edge.
    expect(area([square(0, 10), square(0, 10, 10)])).toBeCloseTo(200, 6)
  })

  test('cuts out the union of holes that cross', () => {
    expect(area([square(-10, 50), square(0, 20), square(0, 20, 10)])).toBeCloseTo(3600 - 600, 6)
  })

  test('combines contours of type XOR as the standard says', () => {
    expect(area([square(0, 40), square(0, 40, 20)], true)).toBeCloseTo(1600, 6)
    expect(area([square(0, 40), square(10, 30)], true)).toBeCloseTo(1200, 6)
  })

  test('keeps the hole of a keyhole contour in both directions of drawing', () => {
    const outer = [0, 0, 40, 0, 40, 40, 0, 40, 0, 0]
    for (const inner of [square(10, 30), reversed(square(10, 30))])
      expect(area([[...outer, ...inner, ...inner.slice(0, 2)]])).toBeCloseTo(1200, 6)
  })

  test('returns null if nothing is enclosed', () => {
    expect(nestLoops([{ loop: Float64Array.of(0, 0, 9, 9, 18, 18), xor: false }])).toBeNull()
    expect(nestLoops([])).toBeNull()
  })
})
