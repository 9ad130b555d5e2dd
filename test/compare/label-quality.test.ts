import { expect, it } from 'vitest'
import { labelQuality } from '../../src/compare/label-quality.js'

/**
 * Six items: the first two are versions of source 0, each other has a source of its own; classes a, a, a, b, b, none.
 */
const labelled = {
  source: Int32Array.of(0, 0, 1, 2, 3, 4),
  label: Int32Array.of(0, 0, 0, 1, 1, -1),
  queries: Int32Array.of(0, 3, 5),
}

it('labelQuality measures classes among other sources, and versions of the same source', () => {
  const ranks: Record<number, number[]> = {
    0: [3, 1, 2, 4, 5],
    3: [4, 5, 2, 1, 0],
    5: [0, 1, 2, 3, 4],
  }
  const quality = labelQuality(labelled, (query) => ranks[query]!, 1)
  // Query 0 ranks 3, 2, 4, 5, with the only one of its class second. Query 3 ranks the only other item of its class
  // first.
  expect(quality.nn_accuracy?.mean).toBe(0.5)
  expect(quality.map?.mean).toBe(0.75)
  expect(quality.precision_at_10?.mean).toBeCloseTo((1 / 4 + 1 / 5) / 2, 12)
  // Only query 0 has another version of its source, which is among the first three.
  expect(quality.duplicate_recall_at_3).toEqual({ mean: 1, low: null, high: null })
  expect(quality.map?.low).toBeLessThanOrEqual(0.75)
})

it('labelQuality returns null if no query has a class or another version', () => {
  const none = { ...labelled, label: new Int32Array(6).fill(-1), queries: Int32Array.of(3) }
  expect(labelQuality(none, () => [0, 1, 2, 4, 5], 1)).toEqual({
    precision_at_10: null,
    map: null,
    nn_accuracy: null,
    duplicate_recall_at_3: null,
  })
})
