import { describe, expect, it } from 'vitest'
import { indexSettings, probesAmong } from '../../src/search/index-settings.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { rowsOf, valueOf } from '../sql/asking.js'
import { addTable } from '../sql/hashed-table.js'
import { bucketRecall } from '../sql/recall.js'

const database = useTestDatabase()

const settings = [
  { settings: 'given', probes: 7, candidates: 30, measured: null },
  { settings: 'measured', probes: 7, candidates: 30, measured: [7, 30] },
  { settings: 'measured', probes: 10, candidates: 36, measured: [10, 36, 1024, 360] },
  { settings: 'measured', probes: 128, candidates: 400, measured: [128, 400, 128, 400] },
] as const
const counts = [1, 10, 11, 30, 77, 100, 101, 300, 5000]
const shares = [1, 0.5, 0.1, 0.0123]

describe('settings for more than ten neighbours', () => {
  it('are the same in the client and in the database', async () => {
    for (const index of settings) {
      for (const k of counts) {
        const [row] = await rowsOf<{ probes: number; candidates: number }>(
          database.store,
          `select lsh_internal.probes_for($1, $2, $3, $5) as probes,
             lsh_internal.candidates_for($1, $4, $3, $5) as candidates`,
          [index.settings, index.probes, index.measured, index.candidates, k],
        )
        expect(indexSettings(index, k)).toEqual(row)
        for (const share of shares) {
          const among = await valueOf<number>(
            database.store,
            `select lsh_internal.probes_among(jsonb_populate_record(null::lsh.index, $1), $2, $3)`,
            [JSON.stringify(index), k, share],
          )
          expect(probesAmong(index, k, share)).toBe(among)
        }
      }
    }
  })

  it('begin at the settings for ten and pass those that were measured for a hundred', () => {
    const index = settings[2]
    expect(indexSettings(index, 10)).toEqual({ probes: 10, candidates: 36 })
    expect(indexSettings(index, 100)).toEqual({ probes: 1024, candidates: 360 })
    let before = 0
    for (const k of counts) {
      const { probes } = indexSettings(index, k)
      expect(probes).toBeGreaterThanOrEqual(before)
      before = probes
    }
  })

  it('find .93 of fifty and of a hundred neighbours, and of ten among a tenth of the rows', async () => {
    const all = clumps({ dims: 12, rows: 6100, seed: 21 })
    const queries = all.slice(6000)
    await addTable(database.store, 'plenty', all.slice(0, 6000))
    await createFamilyOf(
      database.store,
      { relation: 'plenty', column: 'v' },
      { kind: 'residual', bits: 128, name: 'plenty' },
    )
    const ask = (text: string, values: unknown[] = []) => rowsOf(database.store, text, values)
    await ask(`select lsh.create_index('plenty', 'v', 'plenty')`)
    expect(
      await valueOf(
        database.store,
        `select cardinality(measured) from lsh.index where name = 'plenty'`,
      ),
    ).toBe(4)
    await ask('alter table plenty add part int')
    await ask(`update plenty set part = id % 10, note = repeat('x', 1500)`)
    await ask('analyze plenty')
    for (const [k, filter] of [
      [50, null],
      [100, null],
      [10, { part: 3 }],
    ] as const) {
      const recall = await bucketRecall(database.store, 'plenty', queries, k, filter)
      expect(recall).toBeGreaterThan(0.93)
    }
  })
})
