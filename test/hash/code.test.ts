import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitCode, codeFromText, xorCode, type BitCode } from '../../src/core/code.js'
import { thrownBy } from './sample.js'

const seeded = { seed: 20, numRuns: 300 }

/** Codes of one length, which is usually not a multiple of 8. */
function codes(count: number) {
  const text = (length: number) =>
    fc.string({ unit: fc.constantFrom('0', '1'), minLength: length, maxLength: length })
  return fc
    .integer({ min: 1, max: 70 })
    .chain((length) => fc.tuple(...Array.from({ length: count }, () => text(length))))
    .map((texts) => texts.map(codeFromText))
}

describe('a code', () => {
  it('has its first digit in the highest bit of the first byte, and zeros after its last digit', () => {
    const code = bitCode(10, Uint8Array.of(0x80, 0xc0))
    expect(codeFromText('1000000011')).toEqual(code)
    expect(code.toString()).toBe('1000000011')
    expect(JSON.stringify({ code })).toBe('{"code":"1000000011"}')
    expect(Object.keys(code)).toEqual(['bits', 'bytes'])
  })

  it('is unchanged after conversion to text and back', () => {
    const property = fc.property(codes(1), ([a]) => {
      expect(codeFromText(a!.toString())).toEqual(a)
    })
    fc.assert(property, seeded)
  })

  it.each(['', '012', 'B101', ' 01', '01\n'])('cannot be read from %j', (text) => {
    expect(thrownBy(() => codeFromText(text))).toMatchObject({ code: 'bad_input' })
  })
})

describe('the Hamming distance', () => {
  it('counts the differing digits', () => {
    const property = fc.property(codes(2), ([a, b]) => {
      const [left, right] = [a!.toString(), b!.toString()]
      const counted = Array.from(left).filter((digit, i) => digit !== right[i]).length
      expect(a!.hamming(b!)).toBe(counted)
      expect(xorCode(a!, b!).toString().replaceAll('0', '')).toHaveLength(counted)
    })
    fc.assert(property, seeded)
  })

  it('is a metric', () => {
    const property = fc.property(codes(3), ([a, b, c]) => {
      expect(a!.hamming(a!)).toBe(0)
      expect(a!.hamming(b!) === 0).toBe(a!.toString() === b!.toString())
      expect(a!.hamming(b!)).toBe(b!.hamming(a!))
      expect(a!.hamming(c!)).toBeLessThanOrEqual(a!.hamming(b!) + b!.hamming(c!))
    })
    fc.assert(property, seeded)
  })

  it('is unchanged when all codes are XORed with one mask', () => {
    const property = fc.property(codes(3), ([a, b, mask]) => {
      const masked = xorCode(a!, mask!).hamming(xorCode(b!, mask!))
      expect(masked).toBe(a!.hamming(b!))
    })
    fc.assert(property, seeded)
  })

  it('refuses codes of different lengths', () => {
    const [short, long] = [codeFromText('0101'), codeFromText('01011')]
    for (const call of [(a: BitCode, b: BitCode) => a.hamming(b), xorCode]) {
      expect(thrownBy(() => call(short, long))).toMatchObject({
        code: 'LSH02',
        message: 'code has 5 bits, the other has 4',
        hint: expect.stringContaining('family'),
      })
    }
  })
})
