import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { previewPng } from '../../src/ingest/preview.js'

describe('previewPng', () => {
  const slice = { rows: 2, columns: 3, ct: Int16Array.of(-1024, -160, 40, 140, 240, 3071) }

  test('draws the soft-tissue window in 8 bit grey, row by row', () => {
    const { width, height, depth, channels, data } = decode(previewPng(slice))
    expect({ width, height, depth, channels }).toEqual({
      width: 3,
      height: 2,
      depth: 8,
      channels: 1,
    })
    expect([...data]).toEqual([0, 0, 128, 191, 255, 255])
  })

  test('draws another window on demand', () => {
    const { data } = decode(previewPng(slice, { level: 140, width: 200 }))
    expect([...data]).toEqual([0, 0, 0, 128, 255, 255])
  })
})
