import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LshError } from '../../../src/core/errors.js'
import { sparseParser } from '../../../src/ingest/files/sparse-csv.js'

const size = 1000

function parse(text: string, cuts: readonly number[] = [], mask = false) {
  const listed = new Uint8Array(size)
  const values = mask ? null : new Float32Array(size)
  const parser = sparseParser({ label: 'pt_1/ct.csv', listed, values })
  const bytes = new TextEncoder().encode(text)
  const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
  at.sort((a, b) => a - b)
  for (let n = 1; n < at.length; n++) parser.push(bytes.subarray(at[n - 1], at[n]))
  return { listed, values, summary: parser.end() }
}

/** A simple reader for comparison: lines and Number(). */
function naive(text: string): Float32Array {
  const values = new Float32Array(size)
  for (const line of text.split('\n').slice(1, -1)) {
    const [index, value] = line.split(',')
    values[Number(index)] = Number(value)
  }
  return values
}

const value = fc.oneof(
  fc.nat(40000).map(String),
  fc.nat(40000).map((n) => `${n}.0`),
  fc.float({ min: 0, max: 100, noNaN: true }).map((n) => String(Math.abs(n))),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((n) => String(Math.abs(n))),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((n) => Math.abs(n).toExponential()),
  fc.tuple(fc.nat(99), fc.nat(999)).map(([a, b]) => `${a}.${String(b).padStart(3, '0')}`),
  fc.constantFrom('0', '000.5', '1.', '.5', '1e2', '2E+1', '5e-3', '0.1234567890123456789'),
)
const entries = fc.uniqueArray(fc.tuple(fc.nat(size - 1), value), {
  selector: ([index]) => index,
  minLength: 1,
  maxLength: 40,
})

describe('sparseParser', () => {
  test('agrees with splitting and Number(), wherever chunks end', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.nat(800), { maxLength: 12 }), (rows, cuts) => {
        const text = `,data\n${rows.map(([index, v]) => `${index},${v}\n`).join('')}`
        const { values, listed, summary } = parse(text, cuts)
        expect(values).toEqual(naive(text))
        expect(summary).toEqual({
          lines: rows.length + 1,
          last: Math.max(...rows.map(([index]) => index)),
        })
        expect(listed.reduce((sum, one) => sum + one, 0)).toBe(rows.length)
      }),
      { seed: 20, numRuns: 150 },
    )
  })

  test('never accepts a file that was truncated within a line', () => {
    const text = ',data\n12,3.5\n700,41.25\n'
    const ends = Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)
    for (let length = 0; length < text.length; length++)
      if (!ends.includes(length)) expect(() => parse(text.slice(0, length))).toThrow(/line \d/)
    expect(() => parse(text.slice(0, ends[0]))).toThrow('line 1: file ends after the header')
  })

  test.each([
    ['Windows line ends', ',data\r\n12,3.5\r\n700,41.25\r\n'],
    ['a byte order mark', '\ufeff,data\n12,3.5\n700,41.25\n'],
    ['both', '\ufeff,data\r\n12,3.5\r\n700,41.25\r\n'],
    ['blank lines at its end', ',data\n12,3.5\n700,41.25\n\n\r\n'],
    ['a header with quotes', '"","data"\n12,3.5\n700,41.25\n'],
    ['a header that names the numbers', 'Unnamed: 0,data\n12,3.5\n700,41.25\n'],
    ['values in scientific notation', ',data\n12,3.5e+00\n700,4.125E1\n'],
    ['numbers with a point', ',data\n12.0,3.5\n700.,41.25\n'],
    ['numbers with all digits in scientific notation', ',data\n1.200e+01,3.5\n7.00E2,41.25\n'],
  ])('reads a file with %s, wherever chunks end', (_title, text) => {
    for (let cut = 0; cut < text.length; cut++) {
      const { listed, values } = parse(text, [cut])
      expect([values?.[12], values?.[700]]).toEqual([3.5, 41.25])
      expect(listed.reduce((sum, one) => sum + one, 0)).toBe(2)
    }
  })

  test('reads a mask with Windows line ends', () => {
    const { listed } = parse(',data\r\n3,\r\n999,\r\n', [8], true)
    expect([listed.indexOf(1), listed.lastIndexOf(1)]).toEqual([3, 999])
  })

  test('reads a mask', () => {
    const { listed, values } = parse(',data\n3,\n999,\n', [8], true)
    expect(values).toBeNull()
    expect([listed.indexOf(1), listed.lastIndexOf(1)]).toEqual([3, 999])
  })

  test.each([
    ['an empty file', '', 'line 0: file is empty'],
    ['a wrong header', 'data,\n1,2\n', 'line 1: header is "data,", not ",data"'],
    ['a missing header', '1,2\n3,4\n', 'line 1: header is "1,2"'],
    ['carriage returns alone', ',data\r1,2\r', 'line 1: file is cut off'],
    ['a rounded index', ',data\n1.2e+02,2\n1.2e2,3\n', 'line 2: index 1.2e+02 is rounded'],
    ['a line without a comma', ',data\n1,2\n34\n', 'line 3: malformed line "34"'],
    ['an empty line', ',data\n1,2\n\n3,4\n', 'line 3: malformed line ""'],
    ['a line without an index', ',data\n,2\n', 'line 2: malformed line ",2"'],
    ['a negative index', ',data\n-1,2\n', 'line 2: malformed line "-1,2"'],
    ['an index with a fraction', ',data\n1.5,2\n', 'line 2: malformed line "1.5,2"'],
    ['an index out of range', ',data\n1000,2\n', 'line 2: index 1000 is out of range 0 to 999'],
    ['a doubled index', ',data\n5,2\n6,2\n5,2\n', 'line 4: index 5 is listed twice'],
    ['a negative value', ',data\n5,-2.5\n', 'line 2: value -2.5 is negative'],
    ['NaN', ',data\n5,nan\n', 'line 2: value nan is not finite'],
    ['infinity', ',data\n5,inf\n', 'line 2: value inf is not finite'],
    ['minus infinity', ',data\n5,-Infinity\n', 'line 2: value -Infinity is not finite'],
    ['a number too large', ',data\n5,1e39\n', 'line 2: value 1e39 is not finite'],
    ['a hexadecimal number', ',data\n5,0x10\n', 'line 2: malformed value "0x10"'],
    ['two points', ',data\n5,1.2.3\n', 'line 2: malformed value "1.2.3"'],
    ['a point alone', ',data\n5,.\n', 'line 2: malformed value "."'],
    ['a third column', ',data\n5,1,2\n', 'line 2: malformed value "1,2"'],
    ['a blank in front of a number', ',data\n5, 1\n', 'line 2: malformed value " 1"'],
    ['a missing value', ',data\n5,\n', 'line 2: has no value'],
    ['an unended last line', ',data\n5,1\n6,25', 'line 3: file is cut off: "6,25"'],
    ['a file without line ends', ',data\n' + '7'.repeat(5000), 'line 2: malformed line "777'],
  ])('refuses %s, naming the line', (_title, text, message) => {
    let error: unknown
    try {
      parse(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ name: 'LshError', code: 'bad_input' })
    expect((error as LshError).message).toContain(`pt_1/ct.csv ${message}`)
    expect((error as LshError).hint).toContain('"INDEX,VALUE"')
  })

  test('refuses a mask line with a value', () => {
    expect(() => parse(',data\n5,\n6,1.0\n', [], true)).toThrow(
      'pt_1/ct.csv line 3: mask has the value "1.0"',
    )
  })
})
