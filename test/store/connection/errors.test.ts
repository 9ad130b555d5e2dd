import { describe, expect, it } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { fromPgError, isPgError } from '../../../src/store/connection/errors.js'
import { pgHint } from '../../../src/store/connection/pg-hints.js'
import { useTestDatabase } from '../../database.js'

const database = useTestDatabase()

async function refusal(query: string): Promise<unknown> {
  return database.store.pool.query(query).catch((error: unknown) => error)
}

describe('fromPgError', () => {
  it('keeps the SQLSTATE and the hint of functions of this package', async () => {
    const cause = await refusal(`select lsh.encode('none', '[1]')`)
    expect(isPgError(cause)).toBe(true)
    const error = fromPgError(cause)
    expect(error).toBeInstanceOf(LshError)
    expect(error).toMatchObject({
      code: 'LSH01',
      message: 'hash family "none" does not exist (SQLSTATE LSH01)',
      hint: 'List the families that you may use with "select name from lsh.family".',
      cause,
    })
  })

  it.each([
    ['select from no_schema.no_table', '42P01', /Check its name.*at character 13/],
    ['select from lsh.no_table', '42P01', /pg-lsh migrate/],
    ['select from space.no_space', '42P01', /cbir\.space/],
    ['select no_function()', '42883', /types/],
    ['select lsh.no_function()', '42883', /types.*pg-lsh migrate/],
    ['select no_column from lsh.family', '42703', /Check the statement.*at character 8/],
    ['select 1 / 0', '22012', /Check the values/],
    [`select 'x'::int`, '22P02', /Check the values/],
    [`select '[1,2]'::vector <-> '[1]'`, '22000', /dimensions/],
    ['selec 1', '42601', /Check the statement.*at character 1/],
    ['insert into cbir.patient (dataset) values (null)', '23502', /constraint/],
    [`do $$ begin raise exception 'no'; end $$`, 'P0001', /raised it: ask its author/],
    ['select from lsh.family, lsh.family', '42712', /Check the statement/],
  ])('gives %s the SQLSTATE %s and a helpful hint', async (query, state, hint) => {
    const error = fromPgError(await refusal(query))
    expect(error).toMatchObject({
      code: 'database',
      message: expect.stringContaining(`(SQLSTATE ${state})`),
      hint: expect.stringMatching(hint),
    })
    expect((error as LshError).hint).not.toContain('doctor')
  })

  it.each([
    ['08006', /server runs/],
    ['28P01', /password/],
    ['3D000', /createdb/],
    ['40001', /again/],
    ['42501', /privilege/],
    ['53100', /disk/],
    ['53300', /max_connections/],
    ['25006', /primary/],
    ['55P03', /Another session/],
    ['57P03', /once the server is up/],
    ['57014', /cancelled/],
    ['99999', /manual/],
  ])('has a hint for %s', (code, hint) => {
    expect(pgHint({ code, message: 'x' })).toMatch(hint)
    expect(pgHint({ code, message: 'x' })).not.toContain('doctor')
  })

  it.each([
    ['0A000', 'extension "vector" is not available'],
    ['58P01', 'could not access file "$libdir/vector": No such file or directory'],
    ['42704', 'access method "hnsw" does not exist'],
  ])(
    'refers to pg-lsh doctor if an extension or its library is missing: %s %s',
    (code, message) => {
      expect(pgHint({ code, message })).toContain('pg-lsh doctor')
    },
  )

  it.each([
    ['0A000', 'cross-database references are not implemented: "a.b.c"'],
    ['XX000', 'cache lookup failed for type 12'],
    ['58030', 'could not read block 3 in file "base/1/2"'],
    ['42704', 'type "vectr" does not exist'],
    ['42P01', 'relation "plan" does not exist'],
    ['42703', 'column "dose" does not exist'],
    ['22000', 'different vector dimensions 2 and 1'],
    ['54000', 'vector cannot have more than 16000 dimensions'],
  ])('does not refer to pg-lsh doctor for %s %s', (code, message) => {
    expect(pgHint({ code, message })).not.toContain('doctor')
  })

  it.each([
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    Object.assign(new AggregateError([new Error('a'), new Error('b')], ''), {
      code: 'ECONNREFUSED',
    }),
  ])('reports %s as a lost connection to the database', (cause) => {
    expect(fromPgError(cause)).toMatchObject({
      name: 'LshError',
      code: 'database',
      message: expect.stringMatching(/^lost connection to the database: ./),
      hint: expect.stringContaining('again'),
      cause,
    })
  })

  it('returns all other errors unchanged', () => {
    for (const error of [new Error('plain'), new LshError('locked', 'm', { hint: 'h' }), 'text'])
      expect(fromPgError(error)).toBe(error)
  })
})
