import { describe, expect, it } from 'vitest'
import type { ComparedQuery } from '../../src/compare/compare-space.js'
import { summarise } from '../../src/compare/summary.js'

function compared(figures: Partial<ComparedQuery>): ComparedQuery {
  return {
    item_id: 1,
    k: 10,
    overlap: 5,
    dice: 0.5,
    jaccard: 1 / 3,
    recall: 1,
    code_loss: 0,
    bucket_loss: 0,
    visited_share: 0.2,
    milliseconds: 1,
    ...figures,
  }
}

describe('summarise', () => {
  it('returns the mean of each figure and the median time', () => {
    const summary = summarise([
      compared({ dice: 0.5, jaccard: 0.3, recall: 0.9, visited_share: 0.1, milliseconds: 100 }),
      compared({ dice: 0.7, jaccard: 0.5, recall: 1, code_loss: 0.3, milliseconds: 2 }),
      compared({ dice: 0.9, jaccard: 0.7, recall: 0.8, bucket_loss: 0.6, milliseconds: 3 }),
    ])
    expect(summary).toEqual({
      queries: 3,
      dice: expect.closeTo(0.7, 12),
      jaccard: expect.closeTo(0.5, 12),
      recall: expect.closeTo(0.9, 12),
      code_loss: expect.closeTo(0.1, 12),
      bucket_loss: expect.closeTo(0.2, 12),
      visited_share: expect.closeTo(0.5 / 3, 12),
      milliseconds: 3,
    })
  })

  it('does not reorder its argument', () => {
    const given = [compared({ milliseconds: 3 }), compared({ milliseconds: 1 })]
    summarise(given)
    expect(given.map(({ milliseconds }) => milliseconds)).toEqual([3, 1])
  })
})
