import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fitFamily, type FitOptions } from '../../src/hash/fit.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { saveFamily } from '../../src/store/codes/create-family.js'
import { openTestDatabase, useTestDatabase, type TestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { rowsOf, type Asked } from './asking.js'
import { addTable, search, type Found } from './hashed-table.js'

const dims = 20
const vectors = clumps({ dims, rows: 1500, seed: 51 })
const queries = clumps({ dims, rows: 40, seed: 52 })

const families: FitOptions[] = [
  { name: 'kernel', kind: 'kernel', bits: 128 },
  { name: 'cosine', kind: 'cosine', bits: 128 },
  { name: 'sign', kind: 'sign', bits: 128, buckets: 'voronoi', cells: 60 },
  { name: 'itq', kind: 'itq', bits: 20 },
  { name: 'qary', kind: 'qary', bits: 120, levels: 4 },
  { name: 'residual', kind: 'residual', bits: 128, cells: 60 },
]
const settings = [
  `stage => 'buckets', probes => 3, candidates => 30`,
  `stage => 'buckets', probes => 20, candidates => 60`,
  `stage => 'scan', candidates => 40`,
  `stage => 'exact'`,
]

describe.skipIf(inject('engine') === 'embedded')(
  'PGlite and a server find the same rows by',
  () => {
    const server = useTestDatabase()
    let embedded: TestDatabase

    beforeAll(async () => {
      embedded = await openTestDatabase('embedded')
      for (const { store } of [server, embedded]) {
        await addTable(store, 'item', vectors)
        for (const options of families) {
          await saveFamily(store, fitFamily(vectors, options), {})
          await rowsOf(
            store,
            `select lsh.create_index('item', 'v', $1, name => $1, build => 'later')`,
            [options.name],
          )
          await fillIndex(store, options.name)
        }
      }
    })
    afterAll(() => embedded.close())

    it.each(families.flatMap(({ name }) => settings.map((setting) => ({ name, setting }))))(
      '$name with $setting',
      async ({ name, setting }) => {
        const found = (asked: Asked): Promise<Found[][]> =>
          Promise.all(queries.map((x) => search(asked, name, x, setting)))
        const [here, there] = [await found(server.store), await found(embedded.store)]
        const keysOf = (answers: Found[][]) =>
          answers.map((rows) => rows.map(({ key, hamming }) => `${key}:${hamming}`))
        expect(keysOf(here)).toEqual(keysOf(there))
        here.flat().forEach(({ distance }, i) => {
          expect(there.flat()[i]?.distance).toBeCloseTo(distance, 5)
        })
      },
    )
  },
)
