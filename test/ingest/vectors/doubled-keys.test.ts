import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findDoubledKey } from '../../../src/ingest/vectors/doubled-keys.js'
import type { VectorKey } from '../../../src/ingest/vectors/vector-block.js'

/** Reads keys in blocks and counts how often they are read. */
function reader(keys: readonly VectorKey[], size = 7) {
  const counted = { readings: 0 }
  async function* read() {
    counted.readings++
    for (let at = 0; at < keys.length; at += size)
      yield await Promise.resolve(keys.slice(at, at + size))
  }
  return { read, counted }
}

describe('findDoubledKey', () => {
  test('finds a repeated key at any distance and with any memory', async () => {
    const key = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.bigInt({ min: 0n, max: 300n }),
      fc.integer({ min: 0, max: 300 }).map((n) => `k${n}`),
    )
    const most = fc.integer({ min: 2, max: 40 })
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 60 }), most, async (keys, limit) => {
        const found = await findDoubledKey(reader(keys).read, { most: limit })
        const texts = keys.map(String)
        if (new Set(texts).size === keys.length) expect(found).toBeNull()
        else {
          const { first = 0, second = 0, key: named } = found ?? {}
          expect(first).toBeLessThan(second)
          expect([texts[first - 1], texts[second - 1]]).toEqual([String(named), String(named)])
        }
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  test('reads ascending keys once and stores none of them', async () => {
    const { read, counted } = reader(
      Array.from({ length: 1000 }, (_, i) => i),
      10,
    )
    expect(await findDoubledKey(read, { most: 2 })).toBeNull()
    expect(counted.readings).toBe(1)
  })

  test('reads other keys in more passes with less memory', async () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${(i * 7919) % 20_000}`)
    const many = reader(keys, 1000)
    expect(await findDoubledKey(many.read, { most: 2500 })).toBeNull()
    expect(many.counted.readings).toBeGreaterThanOrEqual(1 + 8)
    expect(many.counted.readings).toBeLessThanOrEqual(1 + 32)
    const doubled = reader([...keys, 'k0'], 1000)
    expect(await findDoubledKey(doubled.read, { most: 2500 })).toEqual({
      key: 'k0',
      first: 1,
      second: 20_001,
    })
  })

  test('compares keys by the given text', async () => {
    const { read } = reader(['a', 'b', 'A'])
    const textOf = (key: VectorKey) => String(key).toLowerCase()
    expect(await findDoubledKey(read, { textOf })).toEqual({ key: 'A', first: 1, second: 3 })
    expect(await findDoubledKey(read)).toBeNull()
  })
})
