import { describe, expect, it } from 'vitest'
import { permutation, random } from '../../src/core/random.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { planOf, rowsOf, valueOf } from './asking.js'

const database = useTestDatabase()
const value = <T>(text: string, values: unknown[] = []) => valueOf<T>(database.store, text, values)

describe('lsh.hamming', () => {
  it('counts the bits in which two codes differ', async () => {
    expect(await value(`select lsh.hamming(b'0000', b'0000')`)).toBe(0)
    expect(await value(`select lsh.hamming(b'1010', b'0110')`)).toBe(2)
    const widest = `select lsh.hamming(repeat('1', 8192)::varbit, repeat('0', 8192)::varbit)`
    expect(await value(widest)).toBe(8192)
  })

  it('is a metric', async () => {
    const source = random(5)
    const codes = Array.from({ length: 20 }, (_, i) =>
      // Some codes are equal, and 70 bits are no whole number of bytes.
      Array.from({ length: 70 }, () => (i < 3 ? 1 : source.integer(0, 1))).join(''),
    )
    const broken = await rowsOf(
      database.store,
      `with code as (select text::bit(70) as bits from unnest($1::text[]) as text)
       select a.bits, b.bits, c.bits
       from code as a, code as b, code as c
       where lsh.hamming(a.bits, b.bits) < 0
         or (lsh.hamming(a.bits, b.bits) = 0) <> (a.bits = b.bits)
         or lsh.hamming(a.bits, b.bits) <> lsh.hamming(b.bits, a.bits)
         or lsh.hamming(a.bits, c.bits) > lsh.hamming(a.bits, b.bits) + lsh.hamming(b.bits, c.bits)`,
      [codes],
    )
    expect(broken).toEqual([])
  })

  it('refuses codes of unequal length', async () => {
    await expect(value(`select lsh.hamming(b'101', b'1010')`)).rejects.toMatchObject({
      code: '22026',
    })
  })

  it('is null for a missing code', async () => {
    expect(await value(`select lsh.hamming(null, b'1')`)).toBeNull()
  })

  it('is inlined into the query that calls it', async () => {
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'create table coded (code bit(8))')
      const plan = await planOf(
        transaction,
        `select lsh.hamming(code, b'10101010') from coded order by 1`,
      )
      expect(plan).toContain('bit_count')
      expect(plan).not.toContain('lsh.')
    })
  })
})

describe('lsh.dice and lsh.jaccard', () => {
  it.each([
    { a: '{1,2,3}', b: '{1,2,3}', dice: 1, jaccard: 1 },
    { a: '{1,2,3}', b: '{4,5,6}', dice: 0, jaccard: 0 },
    { a: '{1,2,3,4}', b: '{3,4,5,6}', dice: 1 / 2, jaccard: 1 / 3 },
    { a: '{1,2}', b: '{1,2,3,4,5,6}', dice: 1 / 2, jaccard: 1 / 3 },
    { a: '{1}', b: '{}', dice: 0, jaccard: 0 },
  ])('return the right values for $a and $b', async ({ a, b, dice, jaccard }) => {
    expect(await value('select lsh.dice($1::int[], $2::int[])', [a, b])).toBeCloseTo(dice, 12)
    expect(await value('select lsh.dice($2::int[], $1::int[])', [a, b])).toBeCloseTo(dice, 12)
    expect(await value('select lsh.jaccard($1::int[], $2::int[])', [a, b])).toBeCloseTo(jaccard, 12)
    expect(await value('select lsh.jaccard($2::int[], $1::int[])', [a, b])).toBeCloseTo(jaccard, 12)
  })

  it('accept arrays of any type', async () => {
    expect(await value(`select lsh.dice('{a,b}'::text[], '{b,c}'::text[])`)).toBe(0.5)
    expect(await value(`select lsh.jaccard('{1,2}'::bigint[], '{2}'::bigint[])`)).toBe(0.5)
  })

  it('count duplicates once', async () => {
    expect(await value('select lsh.dice(array[1,1,1,2], array[2,2,3])')).toBe(0.5)
    expect(await value('select lsh.jaccard(array[1,1,1,2], array[2,2,3])')).toBeCloseTo(1 / 3, 12)
  })

  it('are null when both sets are empty or one is missing', async () => {
    for (const score of ['dice', 'jaccard']) {
      expect(await value(`select lsh.${score}('{}'::int[], '{}'::int[])`)).toBeNull()
      expect(await value(`select lsh.${score}(null, array[1])`)).toBeNull()
    }
  })

  it('ignore null elements', async () => {
    expect(await value('select lsh.dice(array[1,null], array[1,null])')).toBe(1)
    expect(await value('select lsh.jaccard(array[1,null], array[1,null])')).toBe(1)
    expect(await value('select lsh.dice(array[null]::int[], array[null]::int[])')).toBeNull()
  })

  it('satisfy J = D / (2 - D)', async () => {
    const source = random(7)
    const sets = Array.from({ length: 200 }, (_, i) => {
      const draw = () => Array.from(permutation(30, source).subarray(0, 1 + (i % 12)))
      return { a: draw(), b: draw() }
    })
    const rows = await rowsOf<{ dice: number; jaccard: number }>(
      database.store,
      `select lsh.dice(a, b) as dice, lsh.jaccard(a, b) as jaccard
       from (select a::int[], b::int[] from unnest($1::text[], $2::text[]) as pair (a, b)) as pair`,
      [sets.map(({ a }) => `{${a.join()}}`), sets.map(({ b }) => `{${b.join()}}`)],
    )
    expect(new Set(rows.map(({ dice }) => dice)).size).toBeGreaterThan(10)
    for (const { dice, jaccard } of rows) expect(jaccard).toBeCloseTo(dice / (2 - dice), 12)
  })

  it('do not call operators on the search path of the caller', async () => {
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'create schema evil')
      for (const [operator, left, right] of [
        ['*', 'numeric', 'int'],
        ['/', 'float8', 'int'],
        ['/', 'numeric', 'int'],
        ['+', 'int', 'int'],
        ['-', 'int', 'int'],
      ] as const) {
        const name = `wrong_${String(operator.charCodeAt(0))}_${left}`
        await rowsOf(
          transaction,
          `create function evil.${name}(${left}, ${right}) returns ${left} language sql return 42`,
        )
        await rowsOf(
          transaction,
          `create operator evil.${operator} (function = evil.${name}, leftarg = ${left}, rightarg = ${right})`,
        )
      }
      await rowsOf(transaction, 'set local search_path = evil, pg_catalog')
      expect(await valueOf(transaction, 'select lsh.dice(array[1,2], array[2,3])')).toBe(0.5)
      expect(await valueOf(transaction, 'select lsh.jaccard(array[1,2], array[1])')).toBe(0.5)
    })
  })
})
