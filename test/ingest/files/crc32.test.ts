import { describe, expect, test } from 'vitest'
import { crc32 } from '../../../src/ingest/files/crc32.js'

describe('crc32', () => {
  const bytes = new TextEncoder().encode('123456789')

  test('returns the check value of published catalogues', () => {
    expect(crc32(bytes)).toBe(0xcbf43926)
    expect(crc32(new Uint8Array(0))).toBe(0)
  })

  test('continues from any place in the bytes', () => {
    for (let at = 0; at <= bytes.length; at++)
      expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(0xcbf43926)
  })
})
