import { describe, expect, it } from 'vitest'
import type { Raster } from '../../../src/core/picture.js'
import { frameContent, picturePreprocessing } from '../../../src/encode/frames/picture-frame.js'
import { readSwc } from '../../../src/ingest/pictures/swc.js'
import { forking } from '../../ingest/pictures/made-classes.js'

const neuron = readSwc('1 1 0 0 0 1 -1\n2 3 0 10 0 1 1\n3 3 -5 20 0 1 2\n4 3 5 20 0 1 2\n').content

/** Left half red, right half white. */
const flag: Raster = {
  rows: 4,
  columns: 8,
  channels: 3,
  pixels: Uint8Array.from({ length: 96 }, (_, i) => ((i / 3) % 8 < 4 && i % 3 > 0 ? 0 : 255)),
}

describe('frameContent', () => {
  it('resizes an image to a square with interleaved colours from 0 to 1', () => {
    const frame = frameContent(flag, picturePreprocessing('colour', 2))
    expect([...frame]).toEqual([1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1])
  })

  it('converts colours to grey, and grey to colours', () => {
    const [red, white] = frameContent(flag, picturePreprocessing('grey', 2))
    expect([red, white]).toEqual([expect.closeTo(0.299, 4), expect.closeTo(1, 4)])
    const grey: Raster = { rows: 1, columns: 1, channels: 1, pixels: Uint8Array.of(51) }
    const three = frameContent(grey, picturePreprocessing('colour', 1))
    expect([...three]).toEqual([0.2, 0.2, 0.2].map((value) => expect.closeTo(value, 6) as number))
  })

  it('counts colours regardless of their position, as square roots of shares', () => {
    const histogram = frameContent(flag, picturePreprocessing('histogram'))
    expect([histogram[48], histogram[63]]).toEqual([
      Math.fround(Math.SQRT1_2),
      Math.fround(Math.SQRT1_2),
    ])
    const mirrored = { ...flag, pixels: flag.pixels.toReversed() }
    expect(frameContent(mirrored, picturePreprocessing('histogram'))[63]).toBe(histogram[63])
  })

  it('draws a neuron from three sides', () => {
    const frame = frameContent(neuron, picturePreprocessing('sides', 16))
    expect(frame).toHaveLength(3 * 256)
    expect(Math.max(...frame)).toBeLessThanOrEqual(1)
  })

  it('describes the coarseness of a neuron by rings of frequencies, regardless of its position', () => {
    const moved = { ...neuron, x: neuron.x.map((x) => x + 40) }
    const preprocessing = picturePreprocessing('spectrum')
    const rings = frameContent(neuron, preprocessing)
    expect(rings).toHaveLength(30)
    expect([...frameContent(moved, preprocessing)]).toEqual([...rings])
    // The first ring is the sum of the drawing on a logarithmic scale.
    const sum = frameContent(neuron, picturePreprocessing('sides', 64))
      .filter((_, i) => i % 3 === 0)
      .reduce((all, value) => all + value, 0)
    expect(rings[0]).toBeCloseTo(Math.log1p(sum), 4)
  })

  it('changes these rings little when a neuron is rotated', () => {
    const tree = readSwc(forking(4, 1).toString()).content
    const preprocessing = picturePreprocessing('spectrum')
    const rings = frameContent(tree, preprocessing)
    const turned = frameContent({ ...tree, x: tree.y, y: tree.x.map((x) => -x) }, preprocessing)
    const other = frameContent(readSwc(forking(2, 1).toString()).content, preprocessing)
    const away = (from: Float32Array) =>
      Math.hypot(...from.subarray(0, 10).map((value, ring) => value - rings[ring]!))
    expect(away(turned)).toBeLessThan(0.2 * away(other))
  })

  it('refuses a neuron in a space of images and an image in a space of neurons', () => {
    expect(() => frameContent(neuron, picturePreprocessing('colour'))).toThrow(
      'the query is a neuron, the space holds images',
    )
    expect(() => frameContent(flag, picturePreprocessing('persistence'))).toThrow(
      'the query is an image, the space holds neurons',
    )
  })
})
