import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codesBy } from '../../src/hash/bulk-codes.js'
import { axesFor, phasedDirections } from '../../src/hash/train-phases.js'

const dims = 6
/** The axes of the space in their order. */
const axes = Float32Array.from({ length: dims * dims }, (_, i) => Number(i % (dims + 1) === 0))

describe('phasedDirections', () => {
  it('uses no more axes than the bits and phases require', () => {
    const { weight } = phasedDirections(axes, dims, { bits: 16, phases: 8, reach: 1, seed: 1 })
    expect(axesFor(16, 8, dims)).toBe(2)
    for (let bit = 0; bit < 16; bit++) {
      const own = weight.subarray(bit * dims, (bit + 1) * dims)
      expect(Math.hypot(...own)).toBeCloseTo(Math.sqrt(2), 5)
      expect(Math.hypot(...own.subarray(2))).toBe(0)
    }
  })

  it('measures differences along a direction in even steps, to within one', () => {
    const phases = 8
    const code = phasedDirections(axes.slice(0, dims), dims, {
      bits: phases,
      phases,
      reach: 1,
      seed: 3,
    })
    const value = fc.double({ min: -1.5, max: 1.5, noNaN: true })
    fc.assert(
      fc.property(value, value, (a, b) => {
        const codes = codesBy(code, dims, Float32Array.of(a, 0, 0, 0, 0, 0, b, 0, 0, 0, 0, 0))
        const differ = (codes[0]! ^ codes[1]!).toString(2).replaceAll('0', '').length
        // Half a turn flips all bits; a longer turn flips them back.
        const turn = Math.abs(a - b) / Math.PI
        expect(Math.abs(differ - phases * Math.min(turn, 2 - turn))).toBeLessThanOrEqual(1 + 1e-5)
      }),
    )
  })

  it('supports any number of bits', () => {
    const code = phasedDirections(axes, dims, { bits: 50, phases: 3, reach: 1, seed: 1 })
    expect(code.phase).toHaveLength(50)
    expect(code.weight).toHaveLength(50 * dims)
  })
})
