import { describe, expect, it } from 'vitest'
import { bucketSizes, codeHealth, histogram } from '../../src/compare/code-health.js'
import type { MeasuredFamily } from '../../src/compare/measured-family.js'
import { random } from '../../src/core/random.js'

const rows = 500
const source = random(6)
// Bit 1 repeats bit 0, bit 2 is its opposite, bit 3 is always 1, the others are drawn.
const bits = Array.from({ length: rows }, () => {
  const first = source.uniform() < 0.3
  const drawn = Array.from({ length: 28 }, () => source.uniform() < 0.5)
  return [first, first, !first, true, ...drawn]
})
const codes = Uint8Array.from(
  bits.flatMap((row) =>
    [0, 8, 16, 24].map((from) =>
      row.slice(from, from + 8).reduce((byte, bit) => 2 * byte + Number(bit), 0),
    ),
  ),
)
const family = {
  kind: 'kernel',
  family: { bits: 32 },
  lengths: [32],
  encode: () => ({ codes }),
} as unknown as MeasuredFamily

describe('codeHealth', () => {
  const health = codeHealth(family, new Float32Array(0), 32)

  it('counts bits that never change, and excludes them from correlations', () => {
    expect(health.constantBits).toBe(1)
    const counted = health.correlation.reduce((sum, { count }) => sum + count, 0)
    expect(counted).toBe((31 * 30) / 2)
  })

  it('detects bits that repeat another or are its opposite', () => {
    expect(health.correlation.at(-1)?.count).toBe(1)
    expect(health.correlation[0]?.count).toBe(2)
  })

  it('counts bits in a histogram of their share of ones', () => {
    const ones = (bit: number) => bits.filter((row) => row[bit]).length / rows
    for (const { from, to, count } of health.balance) {
      const within = Array.from({ length: 32 }, (_, bit) => ones(bit)).filter(
        (share) => share >= from && (share < to || to === 1),
      )
      expect(count).toBe(within.length)
    }
  })

  it('measures only the first bits on request', () => {
    const short = codeHealth(family, new Float32Array(0), 8)
    expect(short.balance.reduce((sum, { count }) => sum + count, 0)).toBe(8)
  })
})

describe('bucketSizes', () => {
  it('summarises how slices are distributed over buckets', () => {
    expect(bucketSizes('voronoi', Int32Array.of(0, 4, 1, 0, 3))).toEqual({
      buckets: 'voronoi',
      count: 5,
      rows: 8,
      empty: 2,
      median: 3,
      largest: 4,
      met: 26 / 8,
      sizes: [4, 3, 1],
    })
  })
})

describe('histogram', () => {
  it('counts values beyond its ends in the outer bars', () => {
    const bars = histogram([-2, -1, 0, 1, 2], -1, 1)
    expect([bars[0]?.count, bars.at(-1)?.count]).toEqual([2, 2])
  })
})
