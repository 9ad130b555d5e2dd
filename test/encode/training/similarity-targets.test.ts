import { describe, expect, it } from 'vitest'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { sliceSimilarityTargets } from '../../../src/encode/training/similarity-targets.js'
import { planBatches, plainBatches } from '../../../src/encode/training/training-batches.js'

const chosen = Int32Array.of(0, 1, 2, 3)
const levels = {
  plan: Int32Array.of(1, 1, 2, 2),
  mm: Float32Array.of(0, 6, 0, 30),
  aligned: true,
}
const ct = { frames: new Float32Array(4 * 16 ** 2), chosen }

describe('sliceSimilarityTargets', () => {
  it('weights slices by their distance along the body and never the slice itself', () => {
    const { shares, mask } = sliceSimilarityTargets(ct, levels, preprocessingOf('ct', { size: 16 }))
    const first = shares.subarray(0, 4)
    expect(first[0]).toBe(0)
    // Slices at a distance of 6 mm have similarity 1/√e.
    expect(first[1]! / first[2]!).toBeCloseTo(Math.exp(-0.5))
    expect(first.reduce((a, b) => a + b)).toBeCloseTo(1)
    expect([...mask.subarray(0, 4)]).toEqual([Math.fround(-1e9), 0, 0, 0])
  })

  it('compares only slices of one plan if levels are not aligned', () => {
    const { shares, mask } = sliceSimilarityTargets(
      ct,
      { ...levels, aligned: false },
      preprocessingOf('ct', { size: 16 }),
    )
    expect([...shares.subarray(0, 4)]).toEqual([0, 1, 0, 0])
    expect(mask[1]).toBe(0)
    expect(mask[2]).toBeLessThan(-1e8)
  })

  it('weights slices by dose, also across patients', () => {
    const gy = [0, 60, 0, 60]
    const frames = Float32Array.from({ length: 4 * 16 ** 2 }, (_, i) => gy[i >> 8]! / 80)
    const { shares } = sliceSimilarityTargets(
      { frames, chosen },
      { ...levels, aligned: false },
      preprocessingOf('dose', { size: 16 }),
    )
    expect(shares[2]).toBeCloseTo(1)
    expect(shares[1 * 4 + 3]).toBeCloseTo(1)
  })

  it('uses given doses like those that frames show', () => {
    const gy = [0, 60, 0, 60]
    const doses = Float32Array.from({ length: 4 * 16 ** 2 }, (_, i) => gy[i >> 8]!)
    const unaligned = { ...levels, aligned: false }
    const shown = sliceSimilarityTargets(
      { frames: doses.map((one) => one / 80), chosen },
      unaligned,
      preprocessingOf('dose', { size: 16 }),
    )
    const known = sliceSimilarityTargets(
      ct,
      { ...unaligned, doses },
      preprocessingOf('ct', { size: 16 }),
    )
    expect(known).toEqual(shown)
  })
})

describe('batches', () => {
  const plan = Int32Array.from({ length: 300 }, (_, i) => Math.floor(i / 60))

  it('consist of runs of slices of one plan each', () => {
    const batches = planBatches({ plan }, 5)
    const all = batches.flatMap((batch) => [...batch])
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBe(300)
    for (const batch of batches)
      for (const own of new Set(batch.map((i) => plan[i]!)))
        expect(batch.filter((i) => plan[i] === own).length).toBeGreaterThanOrEqual(6)
  })

  it('have an order that the seed determines', () => {
    expect(planBatches({ plan }, 5)).toEqual(planBatches({ plan }, 5))
    expect(planBatches({ plan }, 5)).not.toEqual(planBatches({ plan }, 6))
    expect(plainBatches(10, 4, 1).map((batch) => batch.length)).toEqual([4, 4, 2])
  })
})
