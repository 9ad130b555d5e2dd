import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { alignmentLoss, trainSchoenberg } from '../../src/hash/train-schoenberg.js'
import { agreementOf } from '../../src/hash/train-agreement.js'
import { trainingSet } from '../../src/hash/train-set.js'
import { clumps } from './sample.js'
import { slopeAt } from './slopes.js'

describe('alignmentLoss', () => {
  it('has the gradient by particles that finite differences give', () => {
    const source = random(2)
    const particles = Float64Array.from({ length: 6 }, () => 2 * source.uniform())
    const squares = Float64Array.from({ length: 20 }, () => 3 * source.uniform())
    const target = Int8Array.from(squares, (_, i) => (i % 2 === 0 ? 1 : -1))
    const loss = () => alignmentLoss(particles, squares, target, 0.7).loss
    const { gradient } = alignmentLoss(particles, squares, target, 0.7)
    for (let i = 0; i < particles.length; i++)
      expect(gradient[i]).toBeCloseTo(slopeAt(particles, i, loss, 1e-5), 8)
  })
})

describe('trainSchoenberg', () => {
  const set = trainingSet(clumps({ dims: 8, rows: 400, seed: 1 }), new Float32Array(8).fill(1), {
    bits: 64,
  })
  /** Relative bandwidths of the directions if every evaluation is better than the previous one. */
  const learned = (wasserstein: number) => {
    let looks = 0
    const { code } = trainSchoenberg(set, () => looks++, {
      bits: 64,
      kind: 'cosine',
      steps: 200,
      wasserstein,
    })
    const drawn = trainSchoenberg(set, () => 0, { bits: 64, kind: 'cosine', steps: 0 }).code
    return Array.from({ length: 64 }, (_, bit) => {
      const [now, before] = [code.weight[8 * bit]!, drawn.weight[8 * bit]!]
      return (now / before) ** 2
    })
  }

  it('keeps the measure within its bounds', () => {
    const shares = learned(0)
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...shares)).toBeLessThanOrEqual(16.001)
  })

  it('stays nearer to the initial measure with a Wasserstein penalty', () => {
    const far = (shares: number[]) =>
      shares.reduce((sum, share) => sum + Math.abs(share - 1), 0) / shares.length
    expect(far(learned(3))).toBeLessThan(0.5 * far(learned(0)))
  })

  it('keeps the initial directions if no others are better', () => {
    const agreement = agreementOf(set)
    let first = true
    const none = trainSchoenberg(
      set,
      (code) => {
        const reached = first ? agreement(code) : 0
        first = false
        return reached
      },
      { bits: 64, kind: 'kernel' },
    )
    expect(none).toMatchObject({ kept: 0, steps: 80 })
    expect(agreement(none.code)).toBe(none.agreement)
  })
})
