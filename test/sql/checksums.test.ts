import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { bucketMargins, bucketOf, margins } from '../../src/hash/encode.js'
import { projectionsOf, type HashFamily } from '../../src/hash/family.js'
import type { Store } from '../../src/store/connection/connect.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { readFamily } from '../../src/store/codes/families.js'
import { openTestDatabase, useTestDatabase, type TestDatabase } from '../database.js'
import { DRAWN_KINDS } from '../hash/drawn-kinds.js'
import { clumps } from '../hash/sample.js'
import { rowsOf } from './asking.js'
import { addTable } from './hashed-table.js'

const dims = 24
const bits = 256
const vectors = clumps({ dims, rows: 1200, seed: 61 })

/** Relative difference of parameters and margins between engines, which sum 4-byte floats in different orders. */
const ROUNDING = 1e-5

/** Codes of vectors, computed by the database. */
async function codesOf(store: Store, name: string, of: readonly Float32Array[]): Promise<string[]> {
  const rows = await rowsOf<{ code: string }>(
    store,
    `select lsh.encode($1, value::vector)::text as code
     from unnest($2::text[]) with ordinality as given (value, number) order by number`,
    [name, of.map((x) => `[${x.join(',')}]`)],
  )
  return rows.map(({ code }) => code)
}

/** All numbers of a family: bandwidth, centre, and a row for each direction. */
function numbersOf(family: HashFamily): number[][] {
  const directions = projectionsOf(family).map(({ weight, phase, threshold }) => [
    ...weight,
    phase ?? 0,
    threshold,
  ])
  return [[family.bandwidth ?? 0], [...family.center], ...directions]
}

/** Upper bound of the size of a margin: 1 plus the longest vector times the longest direction. */
function sizeOf({ code }: HashFamily): number {
  const longest = Math.max(...vectors.map((x) => Math.hypot(...x)))
  let widest = 0
  for (let at = 0; at < code.weight.length; at += dims)
    widest = Math.max(widest, Math.hypot(...code.weight.subarray(at, at + dims)))
  return 1 + longest * widest
}

/** Vectors projected onto hyperplanes of the family, so that one margin of each is only rounding. */
function onHyperplanes(family: HashFamily): Float32Array[] {
  return vectors.slice(0, bits).map((x, bit) => {
    const w = family.code.weight.subarray(bit * dims, (bit + 1) * dims)
    const square = w.reduce((sum, value) => sum + value * value, 0)
    const far = margins(family, x)[bit]! / square
    return x.map((value, d) => value - far * w[d]!)
  })
}

describe.skipIf(inject('engine') === 'embedded')(
  'a family drawn by a server, by PGlite and by the client',
  () => {
    const server = useTestDatabase()
    let embedded: TestDatabase

    beforeAll(async () => {
      embedded = await openTestDatabase('embedded')
      for (const { store } of [server, embedded]) {
        await addTable(store, 'item', vectors)
        for (const kind of DRAWN_KINDS) {
          await rowsOf(
            store,
            `select lsh.create_family($1, 'item', 'v', bits => ${bits}, kind => $1)`,
            [kind],
          )
          const name = `${kind}_client`
          await createFamilyOf(store, { relation: 'item', column: 'v' }, { name, kind, bits })
        }
      }
    })
    afterAll(() => embedded.close())

    /** The families of a kind drawn by the server, PGlite, the client on the server, and the client on PGlite. */
    async function drawn(
      kind: (typeof DRAWN_KINDS)[number],
    ): Promise<[HashFamily, HashFamily, HashFamily, HashFamily]> {
      const of = (store: Store, name: string) => readFamily(store.db, name)
      return [
        await of(server.store, kind),
        await of(embedded.store, kind),
        await of(server.store, `${kind}_client`),
        await of(embedded.store, `${kind}_client`),
      ]
    }

    it.each(DRAWN_KINDS)(
      'has the same checksum exactly if its numbers are identical: %s',
      async (kind) => {
        const families = await drawn(kind)
        for (const one of families)
          for (const other of families)
            expect(one.checksum === other.checksum).toBe(
              JSON.stringify(numbersOf(one)) === JSON.stringify(numbersOf(other)),
            )
        // A family of the client depends only on the client, not on the database that stores it.
        expect(families[2].checksum).toBe(families[3].checksum)
      },
    )

    it.each(DRAWN_KINDS)('has numbers that differ only by rounding: %s', async (kind) => {
      const [first, ...others] = await drawn(kind)
      const expected = numbersOf(first)
      for (const other of others)
        numbersOf(other).forEach((row, i) => {
          const size = Math.max(1e-6, ...expected[i]!.map(Math.abs))
          row.forEach((value, d) => {
            expect(Math.abs(value - expected[i]![d]!)).toBeLessThanOrEqual(ROUNDING * size)
          })
        })
    })

    it.each(DRAWN_KINDS)(
      'computes the same codes, except for bits within rounding of their threshold: %s',
      async (kind) => {
        const [first, second, third] = await drawn(kind)
        const asked = kind === 'sign' ? [...vectors, ...onHyperplanes(first)] : vectors
        const codes = await codesOf(server.store, kind, asked)
        const limit = ROUNDING * sizeOf(first)
        for (const [store, name, family] of [
          [embedded.store, kind, second],
          [server.store, `${kind}_client`, third],
          [embedded.store, `${kind}_client`, third],
        ] as const) {
          const others = await codesOf(store, name, asked)
          asked.forEach((x, row) => {
            if (codes[row] !== others[row]) {
              const sure = margins(first, x)
              for (let bit = 0; bit < bits; bit++)
                if (codes[row]![bit] !== others[row]![bit])
                  expect(Math.abs(sure[bit]!)).toBeLessThanOrEqual(limit)
            }
            if (bucketOf(first, x) !== bucketOf(family, x))
              expect(Math.min(...bucketMargins(first, x).map(Math.abs))).toBeLessThanOrEqual(limit)
          })
          // Vectors that were not put onto a hyperplane hardly ever have a bit that near to its threshold.
          const equal = vectors.filter((_, row) => codes[row] === others[row]).length
          expect(equal).toBeGreaterThan(0.98 * vectors.length)
        }
      },
    )
  },
)
