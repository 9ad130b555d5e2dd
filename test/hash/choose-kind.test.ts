import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { chooseKind, kindsToChoose } from '../../src/hash/choose-kind.js'
import { clumps } from './sample.js'

/** Clusters within clusters, which cells separate: neighbours are much nearer than the rest of the outer cluster. */
const nested = (() => {
  const source = random(5)
  const middles = clumps({ dims: 24, rows: 40, seed: 3 })
  return Array.from({ length: 900 }, () =>
    middles[source.integer(0, 39)]!.map((value) => value + 0.4 * source.normal()),
  )
})()

describe('chooseKind', () => {
  it('returns the kind whose codes find most neighbours of the sample, with the Dice of each kind', () => {
    const { kind, dice } = chooseKind(nested, { bits: 128 })
    const [best, ...others] = Object.entries(dice)
    expect(best?.[0]).toBe(kind)
    expect([...others.map(([name]) => name), kind].sort()).toEqual(['cosine', 'residual', 'sign'])
    for (const [, value] of others) expect(value).toBeLessThanOrEqual(best?.[1] ?? 0)
    expect(dice[kind]).toBeGreaterThan(0.4)
    expect(kind).toBe('residual')
  })

  it('chooses several bits per axis if vectors are not read', () => {
    const kinds = kindsToChoose({ rerank: false })
    expect(chooseKind(nested, { bits: 64, kinds }).kind).toBe('scalar')
  })

  it('returns the same for the same seed', () => {
    expect(chooseKind(nested, { bits: 64, seed: 4 })).toEqual(
      chooseKind(nested, { bits: 64, seed: 4 }),
    )
  })

  it('measures nothing on few rows, and chooses a kind without learning', () => {
    expect(chooseKind(nested.slice(0, 30))).toEqual({ kind: 'sign', dice: {} })
  })

  it('considers only kinds that support the other options', () => {
    expect(kindsToChoose({ buckets: 'directions' })).toEqual(['sign', 'cosine'])
    expect(kindsToChoose({ bandwidth: 2 })).toEqual(['cosine'])
  })
})
