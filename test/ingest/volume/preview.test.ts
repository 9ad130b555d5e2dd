import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { readPngImage } from '../../../src/ingest/pictures/png-image.js'
import { previewPng } from '../../../src/ingest/volume/preview.js'

describe('previewPng', () => {
  const slice = { rows: 2, columns: 3, ct: Int16Array.of(-1024, -160, 40, 140, 240, 3071) }

  test('draws the soft-tissue window in 8-bit grey, row by row', () => {
    const { width, height, depth, channels, data } = decode(previewPng(slice))
    expect({ width, height, depth, channels }).toEqual({
      width: 3,
      height: 2,
      depth: 8,
      channels: 1,
    })
    expect([...data]).toEqual([0, 0, 128, 191, 255, 255])
  })

  test('names its window in a text chunk', async () => {
    for (const window of [undefined, { low: -1000, high: 2000 }])
      expect((await readPngImage(previewPng(slice, window), 'a')).window).toEqual(
        window ?? { low: -160, high: 240 },
      )
  })

  test('draws another window on demand', () => {
    const { data } = decode(previewPng(slice, { low: 40, high: 240 }))
    expect([...data]).toEqual([0, 0, 0, 128, 255, 255])
  })
})
