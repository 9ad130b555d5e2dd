import { describe, expect, it } from 'vitest'
import type { SliceImage } from '../../src/core/plan.js'
import { bodyExtent } from '../../src/core/body-extent.js'
import { flatImage } from '../report/phantom.js'

function boxes(...drawn: [top: number, left: number, bottom: number, right: number][]): SliceImage {
  const image = flatImage(20, 30)
  for (const [top, left, bottom, right] of drawn) {
    for (let row = top; row < bottom; row++) {
      image.ct.fill(30, row * 30 + left, row * 30 + right)
    }
  }
  return image
}

describe('bodyExtent', () => {
  it('returns the box around the body', () => {
    expect(bodyExtent(boxes([4, 6, 14, 25]))).toEqual({ top: 4, left: 6, bottom: 14, right: 25 })
  })

  it('leaves out dense structures beside the body', () => {
    const image = boxes([4, 10, 14, 20])
    for (let row = 5; row < 12; row++) {
      image.ct.fill(190, row * 30 + 2, row * 30 + 7)
      image.ct.fill(190, row * 30 + 23, row * 30 + 28)
    }
    expect(bodyExtent(image)).toEqual({ top: 4, left: 10, bottom: 14, right: 20 })
  })

  it('leaves out a couch and a mask', () => {
    const image = boxes([4, 10, 14, 20], [17, 4, 18, 8], [1, 15, 2, 16])
    expect(bodyExtent(image)).toEqual({ top: 4, left: 10, bottom: 14, right: 20 })
  })

  it('does not join the end of a row to the start of the next row', () => {
    const image = boxes([4, 10, 14, 20], [8, 29, 9, 30], [9, 0, 10, 1])
    expect(bodyExtent(image)).toEqual({ top: 4, left: 10, bottom: 14, right: 20 })
  })

  it('returns the whole raster if there is only air', () => {
    expect(bodyExtent(flatImage(5, 7))).toEqual({ top: 0, left: 0, bottom: 5, right: 7 })
  })
})
