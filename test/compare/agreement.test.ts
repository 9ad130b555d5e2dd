import { describe, expect, it } from 'vitest'
import { agreementAt, assertConsistent } from '../../src/compare/agreement.js'
import { enter, listed, nearestLists, wouldEnter } from '../../src/compare/nearest-lists.js'
import { random } from '../../src/core/random.js'

/** Lists of one query, from rows of rank, key and distance in any order. */
function listsOf(k: number, rows: readonly (readonly [number, number, number])[]) {
  const lists = nearestLists(1, k)
  for (const [rank, key, distance] of rows)
    if (wouldEnter(lists, 0, rank, key)) enter(lists, 0, { rank, key, distance })
  return lists
}

describe('nearestLists', () => {
  it('keep the best rows in order of rank and key', () => {
    const source = random(5)
    const rows = Array.from({ length: 200 }, (_, i): [number, number, number] => {
      const rank = source.integer(0, 9)
      return [rank, (i * 37) % 200, rank / 2]
    })
    const lists = listsOf(25, rows)
    const sorted = [...rows].sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 25)
    expect([...lists.keys]).toEqual(sorted.map(([, key]) => key))
    expect([...lists.distances]).toEqual(sorted.map(([, , distance]) => distance))
  })

  it('know how many rows they contain', () => {
    expect(listed(listsOf(5, [[1, 1, 1]]), 0)).toBe(1)
    expect(listed(listsOf(1, [[1, 1, 1]]), 0)).toBe(1)
    expect(listed(nearestLists(1, 3), 0)).toBe(0)
  })
})

describe('agreementAt', () => {
  const exact = listsOf(3, [
    [1, 10, 1],
    [2, 11, 2],
    [2, 12, 2],
  ])

  it('counts a row as near as the k-th true neighbour as a hit, whichever of equal rows was found', () => {
    const coded = listsOf(3, [
      [4, 12, 2],
      [5, 99, 2],
      [6, 13, 2.5],
    ])
    expect([...agreementAt(exact, coded, 2).overlap]).toEqual([2])
    expect([...agreementAt(exact, coded, 3).overlap]).toEqual([2])
  })

  it('returns Dice and Jaccard of sets of size k', () => {
    const coded = listsOf(3, [
      [4, 12, 2],
      [5, 98, 9],
      [6, 99, 9],
    ])
    const { dice, jaccard } = agreementAt(exact, coded, 3)
    expect(dice[0]).toBeCloseTo(1 / 3, 12)
    expect(jaccard[0]).toBeCloseTo(1 / 5, 12)
  })

  it('uses fewer neighbours if there are fewer than k, and returns NaN if there are none', () => {
    const few = listsOf(3, [[1, 10, 1]])
    expect(agreementAt(few, few, 3)).toMatchObject({
      overlap: Int32Array.of(1),
      dice: Float64Array.of(1),
    })
    const none = nearestLists(1, 3)
    expect(agreementAt(none, none, 3).dice[0]).toBeNaN()
  })

  it('refuses Dice and Jaccard values that contradict each other', () => {
    expect(() => assertConsistent(Float64Array.of(0.5), Float64Array.of(1 / 3))).not.toThrow()
    expect(() => assertConsistent(Float64Array.of(0.5), Float64Array.of(0.5))).toThrow(
      'query 0 has Dice 0.5, Jaccard 0.5',
    )
  })
})
