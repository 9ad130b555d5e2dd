import { describe, expect, it } from 'vitest'
import {
  coordinate,
  fixed,
  plain,
  signed,
  threeDigits,
} from '../../../src/report/drawing/format.js'

describe('numbers of the report', () => {
  it('have the requested decimals, a dash if there is no number, and no negative zero', () => {
    expect([fixed(1.25, 1), fixed(NaN, 2), fixed(-0.001, 1)]).toEqual(['1.3', '–', '0.0'])
  })

  it('show their sign', () => {
    expect([signed(2.5, 1), signed(-2.5, 1), signed(0, 1)]).toEqual(['+2.5', '−2.5', '+0.0'])
  })

  it('have no superfluous decimals', () => {
    expect([plain(70), plain(0.5), plain(66.50001), plain(Infinity)]).toEqual([
      '70',
      '0.5',
      '66.5',
      '–',
    ])
  })

  it('have three significant digits', () => {
    const shown = [0, 0.0412345, 0.5, 1.5312, 207.3, 12345].map(threeDigits)
    expect(shown).toEqual(['0', '0.0412', '0.500', '1.53', '207', '12345'])
  })

  it('are shortened as coordinates', () => {
    expect([coordinate(1.005001), coordinate(-0.001), coordinate(12)]).toEqual(['1.01', '0', '12'])
  })
})
