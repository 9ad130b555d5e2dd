import { describe, expect, test } from 'vitest'
import { bodyOf, planesOf, type DrawnImages } from '../../../src/ingest/contours/contour-planes.js'

const images = (spacingMm: number, count = 20): DrawnImages => ({
  depths: Array.from({ length: count }, (_, k) => (k - (count - 1) / 2) * spacingMm),
  spacingMm,
})
const five = images(5)

const contour = (depth: number, size = 10) => ({
  loop: Float64Array.of(0, 0, size, 0, size, size, 0, size),
  xor: false,
  depth,
})

const body = (depths: readonly number[], of: DrawnImages = five) =>
  bodyOf(
    planesOf(
      depths.map((depth) => contour(depth)),
      of,
    ),
    of,
  )

/** Lower and upper ends of a region. */
function parts(depths: readonly number[], of?: DrawnImages): number[][] {
  const joined: number[][] = []
  for (const { from, to } of body(depths, of).passages) {
    const last = joined.at(-1)
    if (last?.[1] === from) last[1] = to
    else joined.push([from, to])
  }
  return joined
}

describe('planesOf', () => {
  test('merges contours of one plane that rounding has separated', () => {
    const planes = planesOf([contour(0), contour(0.08, 4), contour(5), contour(4.93, 4)], five)
    expect(planes.map(({ depth }) => depth)).toEqual([0.04, expect.closeTo(4.965)])
    expect(planes.every(({ nest }) => nest.holes !== null)).toBe(true)
  })

  test('assigns contours to the plane of the image on which they lie', () => {
    const planes = planesOf(
      [-2.5, 2.5].flatMap((z) => [contour(z), contour(z + 0.45, 4)]),
      five,
    )
    expect(planes.map(({ depth }) => depth)).toEqual([
      expect.closeTo(-2.275),
      expect.closeTo(2.725),
    ])
    expect(planes.every(({ nest }) => nest.holes !== null)).toBe(true)
    // A repeated contour is the next step of a body that is drawn finely.
    const fine = [2.1, 2.5, 2.9].map((depth) => contour(depth))
    expect(planesOf(fine, five)).toHaveLength(3)
  })

  test('keeps planes separate that are finer than the images', () => {
    expect(
      planesOf(
        [0, 0.5, 1].map((depth) => contour(depth)),
        five,
      ),
    ).toHaveLength(3)
    expect(
      planesOf(
        [0, 0.2].map((depth) => contour(depth)),
        images(0.6),
      ),
    ).toHaveLength(2)
  })
})

describe('bodyOf', () => {
  const ways: [string, number[], number[][]][] = [
    ['each image', [-7.5, -2.5, 2.5, 7.5], [[-10, 10]]],
    ['each second image', [-12.5, -2.5, 7.5], [[-17.5, 12.5]]],
    ['each third image', [-22.5, -7.5, 7.5], [[-30, 15]]],
    ['each second image and its end', [-22.5, -12.5, -2.5, 7.5, 12.5], [[-25, 15]]],
    ['between the images', [-10, -5, 0, 5], [[-12.5, 7.5]]],
    ['finer than the images', [-1, 0, 1], [[-1.5, 1.5]]],
    ['one image', [2.5], [[0, 5]]],
    ['one plane between two images', [0], [[-2.5, 2.5]]],
    ['each image but for one', [-12.5, -7.5, 2.5, 7.5], [[-15, 10]]],
  ]
  test.each(ways)(
    'extends the body by half of its spacing where it was drawn in %s',
    (_, depths, found) => {
      expect(parts(depths)).toEqual(found)
    },
  )

  test('ends the body at a gap of many images, and reports the gap', () => {
    expect(parts([-32.5, -27.5, -22.5, 7.5, 12.5])).toEqual([
      [-35, -20],
      [5, 15],
    ])
    expect(body([-32.5, -27.5, -22.5, 7.5, 12.5]).leftOpenMm).toBe(30)
    // Two ends of one organ or two organs: the contours do not show which.
    expect(parts([-42.5, 42.5])).toEqual([
      [-45, -40],
      [40, 45],
    ])
  })

  test('extends a contour halfway to the next image if images are unevenly spaced', () => {
    const depths = [-12, -9, -6, -3, 0, 6, 12, 18]
    expect(parts([-6, -3, 0, 6], { depths, spacingMm: 3 })).toEqual([[-7.5, 9]])
  })

  test('identifies adjacent images by their order, not by their distance', () => {
    const depths = [0, 3, 6, 9, 29, 32, 35]
    expect(parts([6, 9, 29, 32], { depths, spacingMm: 3 })).toEqual([[4.5, 33.5]])
  })

  test('reports the usual spacing of planes', () => {
    expect(body([-22.5, -12.5, -2.5, 7.5, 12.5]).spacingMm).toBe(10)
    expect(body([2.5]).spacingMm).toBeNull()
  })
})
