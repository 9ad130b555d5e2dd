import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packMask, unpackMask } from '../../src/core/pixel-mask.js'

describe('packMask', () => {
  it('packs the first pixel into the highest bit', () => {
    expect([...packMask([1, 0, 0, 0, 0, 0, 0, 1, 1])]).toEqual([0x81, 0x80])
  })

  it('restores every pixel of a raster of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1)), (pixels) => {
        expect([...unpackMask(packMask(pixels), pixels.length)]).toEqual(pixels)
      }),
    )
  })
})
