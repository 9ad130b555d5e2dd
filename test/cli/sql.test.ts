import { beforeAll, describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()

beforeAll(() =>
  place.withStore(async (store) => {
    for (const number of [1, 2]) await loadPlan(store, 'made', smallPlan({ number, slices: 2 }))
  }),
)

const run = (...args: string[]) => cli(['sql', ...args], { place: place.db })

describe('pg-lsh sql', () => {
  it('prints rows as a table, and their number to stderr', async () => {
    const query = `select plan, index, dose_max_gy > 0 as dosed from cbir.slices order by plan, index`
    expect(await run(query)).toEqual({
      code: 0,
      stdout: [
        '┌───────────┬───────┬───────┐',
        '│ plan      │ index │ dosed │',
        '├───────────┼───────┼───────┤',
        '│ made/pt_1 │     0 │ true  │',
        '├───────────┼───────┼───────┤',
        '│ made/pt_1 │     1 │ true  │',
        '├───────────┼───────┼───────┤',
        '│ made/pt_2 │     0 │ true  │',
        '├───────────┼───────┼───────┤',
        '│ made/pt_2 │     1 │ true  │',
        '└───────────┴───────┴───────┘',
        '',
      ].join('\n'),
      stderr: '4 rows\n',
    })
  })

  it('prints CSV', async () => {
    const query = `select 'a, "b"' as text, 1.5::float8 as real, null as none, '[1,2.5]'::vector as vector`
    expect(await run(query, '--format', 'csv')).toEqual({
      code: 0,
      stdout: 'text,real,none,vector\n"a, ""b""",1.5,,"[1,2.5]"\n',
      stderr: '',
    })
  })

  it('prints JSON on one line with --format and with --json', async () => {
    const query = `select 1 as one, array[1,2] as list, '{"a": [true]}'::jsonb as json, 'x'::bytea as bytes`
    const expected = { rows: [{ one: 1, list: [1, 2], json: { a: [true] }, bytes: '<1 bytes>' }] }
    expect(resultOf(await run(query, '--format', 'json'))).toEqual(expected)
    expect(resultOf(await run(query, '--json'))).toEqual(expected)
  })

  it('prints the rows of the last of several statements that returns any, and commits their changes', async () => {
    const several = `create table noted (n int); insert into noted values (7); select n from noted; insert into noted values (8)`
    expect(resultOf(await run(several, '--json'))).toEqual({ rows: [{ n: 7 }] })
    expect(resultOf(await run('select sum(n)::int as sum from noted', '--json'))).toEqual({
      rows: [{ sum: 15 }],
    })
  })

  it('prints one JSON object also for a statement without rows', async () => {
    const done = await run('create table empty_handed ()', '--json')
    expect(done.code).toBe(0)
    expect(resultOf(done)).toBeTypeOf('object')
  })

  it('prints headings and columns if no row is found', async () => {
    expect(await run('select 1 as one where false', '--format', 'csv', '--quiet')).toEqual({
      code: 0,
      stdout: 'one\n',
      stderr: '',
    })
  })

  it.each([
    ['a syntax error', 'selec 1', 1, /^error: .*"selec".*42601.*\nhint: ./m],
    [
      'our own error',
      `select lsh.encode('no', '[1]')`,
      1,
      /^error: .*LSH01.*\nhint: List the fam/m,
    ],
    ['two columns of one name', 'select 1 as a, 2 as a', 2, /^error: .*"a"\nhint: .*as first/m],
  ])('exits with error and hint for %s', async (_, query, code, message) => {
    const failed = await run(query)
    expect(failed.stderr).toMatch(message)
    expect(failed).toMatchObject({ code, stdout: '' })
  })
})
