import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeFromText, codeToText, hammingDistance, xorCode } from '../../src/core/code.js'
import { thrownBy } from './sample.js'

const seeded = { seed: 20, numRuns: 300 }

/** So many codes of one length, which is no multiple of 8 more often than not. */
function codes(count: number) {
  const text = (length: number) =>
    fc.string({ unit: fc.constantFrom('0', '1'), minLength: length, maxLength: length })
  return fc
    .integer({ min: 1, max: 70 })
    .chain((length) => fc.tuple(...Array.from({ length: count }, () => text(length))))
    .map((texts) => texts.map(codeFromText))
}

describe('a code', () => {
  it('has its first digit in the highest bit of the first byte, and zeros behind its last', () => {
    expect(codeFromText('1000000011')).toEqual({ bits: 10, bytes: Uint8Array.of(0x80, 0xc0) })
    expect(codeToText({ bits: 10, bytes: Uint8Array.of(0x80, 0xc0) })).toBe('1000000011')
  })

  it('survives the way to text and back', () => {
    const property = fc.property(codes(1), ([a]) => {
      expect(codeFromText(codeToText(a!))).toEqual(a)
    })
    fc.assert(property, seeded)
  })

  it.each(['', '012', 'B101', ' 01', '01\n'])('cannot be read from %j', (text) => {
    expect(thrownBy(() => codeFromText(text))).toMatchObject({ code: 'bad_input' })
  })
})

describe('hammingDistance', () => {
  it('counts the differing digits', () => {
    const property = fc.property(codes(2), ([a, b]) => {
      const [left, right] = [codeToText(a!), codeToText(b!)]
      const counted = Array.from(left).filter((digit, i) => digit !== right[i]).length
      expect(hammingDistance(a!, b!)).toBe(counted)
      expect(codeToText(xorCode(a!, b!)).replaceAll('0', '')).toHaveLength(counted)
    })
    fc.assert(property, seeded)
  })

  it('is a metric', () => {
    const property = fc.property(codes(3), ([a, b, c]) => {
      expect(hammingDistance(a!, a!)).toBe(0)
      expect(hammingDistance(a!, b!) === 0).toBe(codeToText(a!) === codeToText(b!))
      expect(hammingDistance(a!, b!)).toBe(hammingDistance(b!, a!))
      expect(hammingDistance(a!, c!)).toBeLessThanOrEqual(
        hammingDistance(a!, b!) + hammingDistance(b!, c!),
      )
    })
    fc.assert(property, seeded)
  })

  it('does not change when one mask goes into all codes', () => {
    const property = fc.property(codes(3), ([a, b, mask]) => {
      const masked = hammingDistance(xorCode(a!, mask!), xorCode(b!, mask!))
      expect(masked).toBe(hammingDistance(a!, b!))
    })
    fc.assert(property, seeded)
  })

  it('refuses codes of different lengths', () => {
    const [short, long] = [codeFromText('0101'), codeFromText('01011')]
    for (const call of [hammingDistance, xorCode]) {
      expect(thrownBy(() => call(short, long))).toMatchObject({
        code: 'LSH02',
        message: 'code has 5 bits, the other has 4',
        hint: expect.stringContaining('family'),
      })
    }
  })
})
