import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { chooseKind, kindsToChoose } from '../../src/hash/choose-kind.js'
import { clumps } from './sample.js'

/** Clumps within clumps, whose neighbours are far nearer than their clumps: what cells tell apart. */
const nested = (() => {
  const source = random(5)
  const middles = clumps({ dims: 24, rows: 40, seed: 3 })
  return Array.from({ length: 900 }, () =>
    middles[source.integer(0, 39)]!.map((value) => value + 0.4 * source.normal()),
  )
})()

describe('chooseKind', () => {
  it('takes the kind whose codes find most neighbours of the sample, and tells what each finds', () => {
    const { kind, dice } = chooseKind(nested, { bits: 128 })
    const [best, ...others] = Object.entries(dice)
    expect(best?.[0]).toBe(kind)
    expect([...others.map(([name]) => name), kind].sort()).toEqual(['cosine', 'residual', 'sign'])
    for (const [, value] of others) expect(value).toBeLessThanOrEqual(best?.[1] ?? 0)
    expect(dice[kind]).toBeGreaterThan(0.4)
    expect(kind).toBe('residual')
  })

  it('takes several bits an axis where vectors are not read', () => {
    const kinds = kindsToChoose({ rerank: false })
    expect(chooseKind(nested, { bits: 64, kinds }).kind).toBe('scalar')
  })

  it('gives the same for the same seed', () => {
    expect(chooseKind(nested, { bits: 64, seed: 4 })).toEqual(
      chooseKind(nested, { bits: 64, seed: 4 }),
    )
  })

  it('measures nothing on few rows, and takes what needs no learning', () => {
    expect(chooseKind(nested.slice(0, 30))).toEqual({ kind: 'sign', dice: {} })
  })

  it('keeps to what is asked besides', () => {
    expect(kindsToChoose({ buckets: 'directions' })).toEqual(['sign', 'cosine'])
    expect(kindsToChoose({ bandwidth: 2 })).toEqual(['cosine'])
  })
})
