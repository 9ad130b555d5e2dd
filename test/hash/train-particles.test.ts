import { describe, expect, it } from 'vitest'
import { drawKernel } from '../../src/hash/kernel.js'
import { featureLoss } from '../../src/hash/train-particles.js'
import { clumps, endToEnd } from './sample.js'
import { slopeAt } from './slopes.js'

describe('featureLoss', () => {
  it('has the gradient by directions that finite differences give', () => {
    const [dims, bits] = [4, 10]
    const values = endToEnd(clumps({ dims, rows: 30, seed: 6 }))
    const { weight, phase } = drawKernel({ dims, bits, seed: 2, bandwidth: 0.1 })
    const first = Int32Array.from({ length: 16 }, (_, i) => i)
    const pairs = {
      first,
      second: first.map((row) => row + (row % 2 === 0 ? 10 : 3)),
      target: Int8Array.from(first, (row) => (row % 2 === 0 ? 1 : -1)),
    }
    const loss = () => featureLoss(weight, phase, { values, dims }, pairs, 0.5).loss
    const { gradient } = featureLoss(weight, phase, { values, dims }, pairs, 0.5)
    for (let i = 0; i < weight.length; i++)
      expect(gradient[i]).toBeCloseTo(slopeAt(weight, i, loss, 2e-3), 3)
  })
})
