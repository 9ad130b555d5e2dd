import { Buffer } from 'node:buffer'
import { decode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { ctDataUri, greyValues, SOFT_TISSUE } from '../../../src/report/panels/ct-picture.js'
import { phantom } from '../phantom.js'

describe('greyValues', () => {
  it('map -160 HU to black, 40 HU to mid grey and 240 HU to white, and clip beyond', () => {
    const ct = Int16Array.of(-1024, -160, 40, 240, 3071)
    expect([...greyValues(ct, SOFT_TISSUE)]).toEqual([0, 0, 128, 255, 255])
  })
})

describe('ctDataUri', () => {
  it('contains the slice as an 8-bit grey PNG, row by row', () => {
    const image = phantom(1)
    const [head, body] = ctDataUri(image).split(',')
    const png = decode(Buffer.from(body ?? '', 'base64'))
    expect(head).toBe('data:image/png;base64')
    expect(png).toMatchObject({ width: 32, height: 24, depth: 8, channels: 1 })
    expect([...png.data]).toEqual([...greyValues(image.ct, SOFT_TISSUE)])
  })
})
