import { describe, expect, test } from 'vitest'
import { crc32 } from '../../../src/ingest/files/crc32.js'

describe('crc32', () => {
  const bytes = new TextEncoder().encode('123456789')

  test('gives the check value that its catalogues give', () => {
    expect(crc32(bytes)).toBe(0xcbf43926)
    expect(crc32(new Uint8Array(0))).toBe(0)
  })

  test('goes on from the bytes before, wherever they were parted', () => {
    for (let at = 0; at <= bytes.length; at++)
      expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(0xcbf43926)
  })
})
