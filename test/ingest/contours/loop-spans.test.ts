import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  areaOf,
  bandsOf,
  combine,
  spansOf,
  type Loop,
} from '../../../src/ingest/contours/loop-spans.js'

const place = fc.double({ min: -20, max: 20, noNaN: true })
const points = fc.array(fc.tuple(place, place), { minLength: 3, maxLength: 12 })
const loopOf = (list: readonly (readonly [number, number])[]): Loop =>
  Float64Array.from(list.flat())

/** A star around a point, whose contour never crosses itself. */
const star = fc
  .record({
    x: place,
    y: place,
    radii: fc.array(fc.double({ min: 0.5, max: 9, noNaN: true }), { minLength: 3, maxLength: 16 }),
  })
  .map(({ x, y, radii }) =>
    loopOf(
      radii.map((radius, i) => {
        const angle = (2 * Math.PI * i) / radii.length
        return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
      }),
    ),
  )

function shoelace(loop: Loop): number {
  let twice = 0
  for (let i = 0, j = loop.length - 2; i < loop.length; j = i, i += 2)
    twice += loop[j]! * loop[i + 1]! - loop[i]! * loop[j + 1]!
  return Math.abs(twice) / 2
}

describe('spansOf', () => {
  test('returns the exact area of any contour that does not cross itself', () => {
    fc.assert(
      fc.property(star, (loop) => {
        const bands = bandsOf([loop], [], [-40, 40])
        expect(areaOf(spansOf(loop, bands), bands)).toBeCloseTo(shoelace(loop), 6)
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  test('follows the even-odd rule at every point', () => {
    fc.assert(
      fc.property(points, place, place, (list, x, y) => {
        const loop = loopOf(list)
        const bands = bandsOf([loop], [y - 1e-7, y + 1e-7], [-40, 40])
        const { starts, xs } = spansOf(loop, bands)
        const band = bands.edges.findIndex((edge, i) => edge <= y && y < bands.edges[i + 1]!)
        const before = xs.subarray(starts[band], starts[band + 1]).filter((at) => at < x).length
        let crossed = false
        for (let i = 0, j = loop.length - 2; i < loop.length; j = i, i += 2) {
          const [x0, y0, x1, y1] = [loop[j]!, loop[j + 1]!, loop[i]!, loop[i + 1]!]
          const at = x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)
          if (Math.abs(at - x) < 1e-4 || Math.abs(y0 - y) < 1e-6) return
          if (y0 > y !== y1 > y && at < x) crossed = !crossed
        }
        expect(before % 2 === 1).toBe(crossed)
      }),
      { seed: 4, numRuns: 500 },
    )
  })
})

describe('combine', () => {
  test('follows the rules of set algebra', () => {
    fc.assert(
      fc.property(points, points, (one, other) => {
        const [a, b] = [loopOf(one), loopOf(other)]
        const bands = bandsOf([a, b], [], [-40, 40])
        const [inA, inB] = [spansOf(a, bands), spansOf(b, bands)]
        const area = (how: 'both' | 'either' | 'without' | 'odd') =>
          areaOf(combine(inA, inB, how), bands)
        const [areaA, areaB] = [areaOf(inA, bands), areaOf(inB, bands)]
        expect(area('either') + area('both')).toBeCloseTo(areaA + areaB, 6)
        expect(area('without') + area('both')).toBeCloseTo(areaA, 6)
        expect(area('odd') + area('both')).toBeCloseTo(area('either'), 6)
      }),
      { seed: 5, numRuns: 200 },
    )
  })
})
