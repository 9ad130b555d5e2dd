import { randomUUID } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { callSql } from '../../src/search/call-sql.js'
import { SQL_FUNCTIONS, type SqlFunctionName } from '../../src/search/sql-functions.js'
import type { Database } from '../../src/store/connection/database.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace } from '../store/codes/made-space.js'

const database = useTestDatabase()
const called = new Set<SqlFunctionName>()
const role = `lsh_test_reader_${randomUUID().slice(0, 8)}`
const query = new Float32Array(8).fill(0.5)
let db: Kysely<Database>

const call: typeof callSql = (db, name, values) => {
  called.add(name)
  return callSql(db, name, values)
}

beforeAll(async () => {
  db = database.store.db
  await makeSpace(database.store)
  await makeIndex(database.store)
  await makeIndex(database.store, 'made', { name: 'other' })
})

/** Names of types in the system catalogue. */
const CATALOGUE: Readonly<Record<string, string>> = {
  int: 'integer',
  float8: 'double precision',
  'int[]': 'integer[]',
}

function listed(columns: Readonly<Record<string, string>>): string[] {
  return Object.entries(columns).map(([name, type]) => {
    const plain = type.replace('?', '')
    return `${name} ${CATALOGUE[plain] ?? plain}`
  })
}

describe('the functions that callSql calls', () => {
  it('have the same arguments and result columns as in the system catalogue', async () => {
    const { rows } = await sql<{ name: string; takes: string[]; gives: string[] | string }>`
      select
        format('%s.%s', nspname, proname) as name,
        (select array_agg(
            format('%s%s %s', name, case when place > pronargs - pronargdefaults then '?' else '' end,
              format_type(type, null)) order by place)
          from unnest(proargnames, coalesce(proallargtypes, proargtypes)) with ordinality as one(name, type, place)
          where place <= pronargs) as takes,
        to_jsonb(case
          when prorettype = 'record'::regtype then (
            select array_agg(format('%s %s', name, format_type(type, null)) order by place)
            from unnest(proargnames, proallargtypes) with ordinality as one(name, type, place)
            where place > pronargs)
          when typrelid <> 0 then (
            select array_agg(format('%s %s', attname, format_type(atttypid, null)) order by attnum)
            from pg_attribute where attrelid = typrelid and attnum > 0)
          else array[case when prokind = 'p' then 'void' else format_type(prorettype, null) end]
        end) as gives
      from pg_proc
        join pg_namespace on pg_namespace.oid = pronamespace
        join pg_type on pg_type.oid = prorettype
      where format('%s.%s', nspname, proname) = any(${Object.keys(SQL_FUNCTIONS)})
      order by 1`.execute(db)
    const stated = Object.entries(SQL_FUNCTIONS).map(([name, { takes, gives }]) => ({
      name,
      takes: listed(takes),
      gives:
        typeof gives === 'string' ? listed({ '': gives }).map((one) => one.trim()) : listed(gives),
    }))
    // The order of arguments does not matter: callSql uses named notation.
    const sorted = (all: readonly { name: string; takes: string[]; gives: string[] | string }[]) =>
      all.map((one) => ({ ...one, takes: [...one.takes].sort() }))
    expect(sorted(stated)).toEqual(sorted(rows))
  })
})

describe('callSql', () => {
  it('calls the functions that measure and explain', async () => {
    const stats = await call(db, 'lsh.index_stats', { index: 'made' })
    expectTypeOf(stats[0]!.largest_bucket).toEqualTypeOf<number | null>()
    expect(stats).toMatchObject([{ family: 'made', bits: 64, codes: '120' }])
    const explained = await call(db, 'lsh.explain_search', { index: 'made', query, filter: {} })
    expect(explained).toMatchObject([{ chosen_stage: 'exact', exhausted: true }])
    const [within] = await call(db, 'lsh.explain_within', { index: 'made', query, radius: 0.5 })
    expect(within!.rows).toBeGreaterThanOrEqual(0)
    const compared = await call(db, 'lsh.compare', {
      index: 'made',
      queries: ['1', '2'],
      ks: [1, 3],
      excludes: { 1: ['1'] },
    })
    expect(compared.map(({ query, k }) => [query, k])).toHaveLength(4)
    const [figures] = await call(db, 'lsh.calibrate', {
      relation: 'space.made',
      column: 'embedding',
      k: 5,
    })
    expect(figures!.radius).toBeGreaterThan(0)
    expect(await call(db, 'lsh.maintain', { sample: 5 })).toBeInstanceOf(Array)
    const tuned = await call(db, 'lsh.tune', { index: 'made', recall: 0.5, sample: 5 })
    expect(tuned.filter(({ chosen }) => chosen)).toHaveLength(1)
  })

  it('returns a single value for functions that return one', async () => {
    expect(await call(db, 'lsh.index_of', { relation: 'space.made' })).toMatch(/^(made|other)$/)
    expect(await call(db, 'lsh.family_checksum', { family: 'made' })).toMatch(/^[0-9a-f]{64}$/)
    const sign = { kind: 'sign', distance: 0, mean_distance: 1 }
    const expected = await call(db, 'lsh.expected_hamming', sign)
    expectTypeOf(expected).toEqualTypeOf<number | null>()
    expect(expected).toBe(0)
    const [plan] = await db.selectFrom('cbir.plan').select(['id', 'source_key']).limit(1).execute()
    const { id, source_key: key } = plan!
    expect(await call(db, 'cbir.plan_id', { key })).toBe(id)
    expect(await call(db, 'cbir.plan_space', { plan: id })).toBe('made')
    expect(await call(db, 'cbir.encoders_of', { space: 'made' })).toHaveLength(1)
  })

  it('refuses values that would be altered on the way to the database', async () => {
    const filters = [{ toJSON: () => undefined }, { self: null as unknown }]
    filters[1]!.self = filters[1]
    for (const filter of filters)
      await expect(
        call(db, 'lsh.explain_search', { index: 'made', query, filter }),
      ).rejects.toMatchObject({ code: 'bad_usage', hint: expect.stringContaining('plain') })
    for (const wrong of [new BigInt64Array(4), new DataView(new ArrayBuffer(8))])
      await expect(
        call(db, 'lsh.explain_search', { index: 'made', query: wrong as never }),
      ).rejects.toMatchObject({ code: 'bad_usage' })
    await expect(
      call(db, 'lsh.grant_search', { index: 'made', role: 'r'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'bad_usage', message: 'role has more than 63 bytes' })
  })

  it('maintains, reindexes and drops indexes', async () => {
    expect(await call(db, 'lsh.verify_index', { index: 'made', repair: true })).toEqual([])
    await call(db, 'lsh.compact_index', { index: 'made' })
    await call(db, 'lsh.mend_index', { index: 'made' })
    const successor = await call(db, 'lsh.reindex', {
      index: 'made',
      family: 'other',
      build: 'later',
    })
    await call(db, 'lsh.build_index', { index: successor, batch: 50 })
    await call(db, 'lsh.switch_index', { index: 'made', successor })
    await expect(call(db, 'lsh.drop_family', { family: 'other' })).rejects.toThrow('other')
    await call(db, 'lsh.drop_index', { name: 'other' })
    await call(db, 'lsh.drop_family', { family: 'made' })
    const families = await db.selectFrom('lsh.family').select('name').execute()
    expect(families).toEqual([{ name: 'other' }])
  })

  it('grants and revokes rights', async () => {
    await sql`create role ${sql.id(role)}`.execute(db)
    try {
      await call(db, 'lsh.grant_search', { index: 'made', role })
      await call(db, 'lsh.revoke_search', { index: 'made', role })
      await call(db, 'cbir.grant_reader', { role })
      await call(db, 'cbir.revoke_reader', { role })
      await call(db, 'lsh.grant_create', { role })
    } finally {
      await sql`drop owned by ${sql.id(role)}`.execute(db)
      await sql`drop role ${sql.id(role)}`.execute(db)
    }
  })

  it('creates and drops spaces, and deletes plans and items', async () => {
    const parts = [{ space: 'made', scale: 1, weight: 1 }]
    const space = await call(db, 'cbir.create_space', { name: 'joined', dims: 8, parts })
    await call(db, 'cbir.undistribute_space', { space: 'made' })
    await call(db, 'cbir.drop_space', { space: space.replace('space.', '') })
    const plans = await db.selectFrom('cbir.slice').select(['item_id', 'plan_id']).execute()
    await call(db, 'cbir.delete_plan', { plan: plans[0]!.plan_id })
    await call(db, 'cbir.delete_items', { items: [] })
    const left = await db.selectFrom('cbir.slice').select('plan_id').execute()
    expect(left).toHaveLength(plans.length - 10)
  })

  it.each([
    ['lsh.distribute', { index: 'made', shards: 4 }],
    ['lsh.undistribute', { index: 'made' }],
    ['cbir.distribute_space', { space: 'made' }],
  ] as const)(
    'passes on the hint of the database when %s is called without Citus',
    async (name, values) => {
      await expect(call(db, name, values)).rejects.toMatchObject({ hint: expect.any(String) })
    },
  )

  it.each([
    ['lsh.drop_tables', {}, /no function "lsh.drop_tables"/],
    ['toString', {}, /no function "toString"/],
    ['lsh.drop_index', {}, /^name must be a text, not undefined$/],
    ['lsh.drop_index', { name: 'a', force: true }, /no option "force"/],
    ['lsh.index_stats', { index: 7 }, /^index must be a text, not the number 7$/],
    ['lsh.verify_index', { index: 'made', repair: 'yes' }, /repair must be true or false/],
    ['cbir.delete_items', { items: [1.5] }, /items holds the number 1.5/],
    ['lsh.compare', { index: 'made', queries: [1] }, /queries holds the number 1/],
    ['lsh.explain_within', { index: 'made', query, radius: '1' }, /radius must be a number/],
  ])('refuses %s with the arguments %j and names what is wrong', async (name, values, message) => {
    const untyped = callSql as (...of: unknown[]) => Promise<unknown>
    await expect(untyped(db, name, values)).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
  })

  it('is tested here with every function', () => {
    expect([...called].sort()).toEqual(Object.keys(SQL_FUNCTIONS))
  })
})
