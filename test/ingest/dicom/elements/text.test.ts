import { describe, expect, test } from 'vitest'
import { decodeText, readings } from '../../../../src/ingest/dicom/elements/text.js'
import { namesInSets } from '../character-sets.js'

describe('decodeText', () => {
  test.each(namesInSets)('reads names in %s: %s', (sets, name, hex) => {
    expect(decodeText(Buffer.from(hex, 'hex'), sets.split('\\'))).toBe(name)
  })

  test('reads a byte that is invalid in its set as Latin-1', () => {
    expect(decodeText(Uint8Array.of(0x4d, 0xfc, 0x6c), [])).toBe('Mül')
    expect(decodeText(Uint8Array.of(0x1b, 0x28, 0x5a, 0x41), ['ISO 2022 IR 87'])).toContain('A')
  })

  test('reads any bytes in any sets', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => (i * 73) % 256)
    for (const [sets] of namesInSets)
      expect(typeof decodeText(bytes, sets.split('\\'))).toBe('string')
  })
})

describe('readings', () => {
  test('includes UTF-8 and Latin-1, as declared sets are often wrong', () => {
    expect(readings(new TextEncoder().encode('Jérôme'), ['ISO_IR 100'])).toContain('Jérôme')
    expect(readings(Buffer.from('Jérôme', 'latin1'), ['ISO_IR 192'])).toContain('Jérôme')
    expect(readings(Buffer.from('Jerome'), [])).toEqual(['Jerome'])
  })
})
