import { expect, it } from 'vitest'
import { labelQuality } from '../../src/compare/label-quality.js'

/** Six items: two versions of source 0, the others of sources of their own; classes a, a, a, b, b, none. */
const labelled = {
  source: Int32Array.of(0, 0, 1, 2, 3, 4),
  label: Int32Array.of(0, 0, 0, 1, 1, -1),
  queries: Int32Array.of(0, 3, 5),
}

it('labelQuality counts classes among other sources, and versions of the own one', () => {
  const ranks: Record<number, number[]> = {
    0: [3, 1, 2, 4, 5],
    3: [4, 5, 2, 1, 0],
    5: [0, 1, 2, 3, 4],
  }
  const quality = labelQuality(labelled, (query) => ranks[query]!, 1)
  // Query 0: others are 3, 2, 4, 5 with one of its class in second place; query 3: its only fellow comes first.
  expect(quality.nn_accuracy?.mean).toBe(0.5)
  expect(quality.map?.mean).toBe(0.75)
  expect(quality.precision_at_10?.mean).toBeCloseTo((1 / 4 + 1 / 5) / 2, 12)
  // Only the source of query 0 has another version, and it is among the first three.
  expect(quality.duplicate_recall_at_3).toEqual({ mean: 1, low: null, high: null })
  expect(quality.map?.low).toBeLessThanOrEqual(0.75)
})

it('labelQuality tells nothing where no query has a class or a version', () => {
  const none = { ...labelled, label: new Int32Array(6).fill(-1), queries: Int32Array.of(3) }
  expect(labelQuality(none, () => [0, 1, 2, 4, 5], 1)).toEqual({
    precision_at_10: null,
    map: null,
    nn_accuracy: null,
    duplicate_recall_at_3: null,
  })
})
