import { decode } from 'fast-png'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openBudget } from '../../../src/core/budget.js'
import { readImage } from '../../../src/ingest/pictures/read-image.js'
import { bomb, deepRamp, orange } from './made-images.js'

const budget = openBudget(1 << 28)
const read = async (bytes: Buffer) => {
  const { content, ...rest } = await readImage(bytes, budget)
  return { ...rest, raster: content }
}
const last = (values: Uint8Array) => [...values.slice(-3)]

describe('readImage', () => {
  it('reads PNG, JPEG, TIFF and WebP in colour', async () => {
    for (const format of ['png', 'jpeg', 'tiff', 'webp'] as const) {
      const { raster, attributes, preview } = await read(await orange().toFormat(format).toBuffer())
      expect(raster).toMatchObject({ rows: 20, columns: 30, channels: 3 })
      expect(attributes).toEqual({ format, width: 30, height: 20, depth: 8 })
      const [red = 0, green = 0, blue = 0] = last(raster.pixels)
      expect(Math.hypot(red - 255, green - 128, blue)).toBeLessThan(4)
      expect(decode(preview)).toMatchObject({ width: 30, height: 20, channels: 3, depth: 8 })
    }
  })

  it('converts a palette, CMYK and colours of 16 bits to sRGB', async () => {
    const palette = await read(await orange().png({ palette: true }).toBuffer())
    expect(last(palette.raster.pixels)).toEqual([255, 128, 0])
    const cmyk = await read(await orange().toColourspace('cmyk').jpeg().toBuffer())
    expect(cmyk.raster.channels).toBe(3)
    const deep = await read(await orange().toColourspace('rgb16').png().toBuffer())
    expect(deep.attributes.depth).toBe(16)
    expect(last(deep.raster.pixels)).toEqual([255, 128, 0])
  })

  it('keeps grey, and scales more than 8 bits from minimum to maximum', async () => {
    const grey = await read(await orange().toColourspace('b-w').jpeg().toBuffer())
    expect(grey.raster.channels).toBe(1)
    for (const bytes of [
      await deepRamp().png().toBuffer(),
      await deepRamp().tiff({ compression: 'deflate' }).toBuffer(),
    ]) {
      const { raster, attributes } = await read(bytes)
      expect(attributes).toMatchObject({ depth: 16, least: 1000, greatest: 2797 })
      expect([raster.channels, raster.pixels[0], raster.pixels.at(-1)]).toEqual([1, 0, 255])
    }
  })

  it('blends transparent pixels with white', async () => {
    const create = { width: 8, height: 8, channels: 4 as const, background: '#0000ff80' }
    const { raster, attributes } = await read(await sharp({ create }).png().toBuffer())
    expect(attributes.alpha).toBe(true)
    expect(last(raster.pixels)).toEqual([127, 127, 255])
  })

  it('rotates an image by its EXIF orientation', async () => {
    const { raster, attributes } = await read(
      await orange().withMetadata({ orientation: 6 }).png().toBuffer(),
    )
    expect(raster).toMatchObject({ rows: 30, columns: 20 })
    expect(attributes).toMatchObject({ width: 20, height: 30, orientation: 6 })
    // The dark corner moves from top left to top right.
    expect(raster.pixels[0]).toBe(255)
    expect(raster.pixels[19 * 3]).toBe(10)
  })

  it('reads the first of several pages, and reports it', async () => {
    const pages = [await orange().png().toBuffer(), await orange().negate().png().toBuffer()]
    for (const format of ['webp', 'tiff'] as const) {
      const bytes = await sharp(pages, { join: { animated: true } })
        .toFormat(format, { lossless: true, compression: 'deflate' })
        .toBuffer()
      const { raster, attributes, remarks } = await read(bytes)
      expect(raster).toMatchObject({ rows: 20, columns: 30 })
      expect(last(raster.pixels)).toEqual([255, 128, 0])
      expect(attributes.pages).toBe(2)
      expect(remarks).toEqual(['it has 2 pages: the first was taken'])
    }
  })

  it('reduces an image larger than 256 pixels without memory for all of it', async () => {
    const bytes = await bomb(8000)
    expect(bytes.length).toBeLessThan(100_000)
    const { raster, attributes } = await read(bytes)
    expect(raster).toMatchObject({ rows: 256, columns: 256, channels: 1 })
    expect(attributes).toMatchObject({ width: 8000, height: 8000 })
    expect(new Set(raster.pixels)).toEqual(new Set([136]))
  })

  it('refuses damaged, truncated, oversized or unknown files, with a reason and no path', async () => {
    const whole = await orange().jpeg().toBuffer()
    const cases: [Buffer, RegExp][] = [
      [whole.subarray(0, whole.length - 60), /^it is damaged: .*premature end/],
      [(await orange().png().toBuffer()).subarray(0, 60), /^it is damaged: /],
      [Buffer.from('89504e470d0a1a0a', 'hex'), /^it is damaged: /],
      [await bomb(10_001), /^it has 10001 x 10001 pixels, more than 100 million$/],
      [Buffer.from('GIF89a'), /^it is not a PNG/],
    ]
    for (const [bytes, message] of cases)
      await expect(read(bytes)).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringMatching(message) as string,
      })
  })
})
