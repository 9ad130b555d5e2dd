import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { nearest } from '../../src/search/nearest.js'
import type { Neighbour } from '../../src/search/neighbour.js'
import { prepareNearest } from '../../src/search/prepare-nearest.js'
import { openIndex } from '../../src/search/open-index.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { openDatabase } from '../../src/store/connection/open-database.js'
import { onServer, withDatabase } from '../database.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const server = process.env.PG_LSH_TEST_URL ?? ''
const made: string[] = []

interface Doctor {
  findings: { check: string; found: string; ok: boolean; remedy: string }[]
}

/** A new database after the given statements, which the role of the tests runs. */
async function emptyDatabase(...statements: string[]): Promise<string> {
  const name = `pg_lsh_test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, (admin) => admin.query(`create database ${name} template template0`))
  made.push(name)
  const url = withDatabase(server, name)
  for (const statement of statements)
    await onServer(url, (admin) => admin.query(statement.replaceAll('DB', name)))
  return url
}

/** The problems that doctor reports, and what migrate has to do. */
async function both(db: string) {
  const doctor = await cli(['doctor', '--json'], { place: db })
  const { findings } = resultOf(doctor) as Doctor
  const migrate = await cli(['migrate', '--json'], { place: db })
  const ill = findings.filter(({ ok }) => !ok).map(({ check }) => check)
  return { ill, report: migrate.code === 0 ? resultOf(migrate) : migrate.stderr, findings }
}

/** Each case takes seconds; the slow tests run more of them. */
const slow = process.env.PG_LSH_SLOW === '1'

const NOTHING = { applied: [], installed: false }
const ALL = { applied: ['0001_lsh', '0002_cbir'], installed: true }

describe.runIf(inject('engine') === 'server')('migrate and doctor', () => {
  afterAll(() =>
    onServer(server, async (admin) => {
      for (const name of made) await admin.query(`drop database if exists ${name} with (force)`)
    }),
  )

  const places: [string, string[]][] = [
    [
      'pgvector in a schema whose name is quoted',
      ['create schema "My, Ext"', 'create extension vector schema "My, Ext"'],
    ],
    [
      'a search_path of another schema',
      ['create schema app', 'alter database DB set search_path = app'],
    ],
    ['a search_path of no schema', [`alter database DB set search_path = ''`]],
    [
      'another table of the name that migrations are noted in',
      [
        'create schema app',
        'create table app.pg_lsh_migration (id int, name text)',
        `insert into app.pg_lsh_migration values (1, '9999_later')`,
        'alter database DB set search_path = app, public',
      ],
    ],
    [
      'pgvector in a schema of its own',
      ['create schema ext', 'create extension vector schema ext'],
    ],
    ['a search_path of a schema that there is not', ['alter database DB set search_path = gone']],
    ['a search_path of the catalogue', ['alter database DB set search_path = pg_catalog']],
  ]

  it.each(slow ? places : places.slice(0, 4))(
    'agree with each other on %s',
    async (_, statements) => {
      const db = await emptyDatabase(...statements)
      const before = await both(db)
      expect(before.ill).toEqual(expect.arrayContaining(['schema', 'functions']))
      expect(before.report).toEqual(ALL)
      const after = await both(db)
      expect(after).toMatchObject({ ill: [], report: NOTHING })
    },
  )

  it('report their objects as missing after migrate --down', async () => {
    const db = await emptyDatabase('create schema ext', 'create extension vector schema ext')
    await cli(['migrate'], { place: db })
    const down = await cli(['migrate', '--down', '--json'], { place: db })
    expect(resultOf(down)).toEqual({ applied: ['0002_cbir', '0001_lsh'], installed: false })
    expect((await both(db)).report).toEqual(ALL)
  })

  it('agree after the search_path of the database was changed', async () => {
    const db = await emptyDatabase()
    await cli(['migrate'], { place: db })
    for (const path of ['pg_temp, pg_catalog', `''`, 'app', '"$user"'].slice(0, slow ? 4 : 2)) {
      await onServer(db, (admin) =>
        admin.query(`alter database ${new URL(db).pathname.slice(1)} set search_path = ${path}`),
      )
      expect(await both(db), path).toMatchObject({ ill: [], report: NOTHING })
    }
  })

  it('do not change the search_path of a session', async () => {
    const db = await emptyDatabase('create schema app', 'alter database DB set search_path = app')
    await cli(['migrate'], { place: db })
    const path = await cli(['sql', 'show search_path', '--json'], { place: db })
    expect(resultOf(path)).toEqual({ rows: [{ search_path: 'app' }] })
  })

  it('give a hint if there is no schema for pgvector', async () => {
    const db = await emptyDatabase('drop schema public', 'create schema app')
    const { report } = await both(db)
    expect(report).toMatch(
      /^error: .*schema "public" does not exist\nhint: .*create schema "public"/,
    )
  })

  it('agree if there is no schema public', async () => {
    const db = await emptyDatabase(
      'drop schema public',
      'create schema app',
      'create extension vector schema app',
    )
    expect((await both(db)).report).toEqual(ALL)
    expect(await both(db)).toMatchObject({ ill: [], report: NOTHING })
  })

  it('ask for a newer version of pg-lsh if the database is newer', async () => {
    const db = await emptyDatabase()
    await cli(['migrate'], { place: db })
    await onServer(db, (admin) =>
      admin.query(
        `insert into public.pg_lsh_migration (name, run_on) values ('9999_later', now())`,
      ),
    )
    const { ill, report, findings } = await both(db)
    expect(ill).toEqual(['schema'])
    expect(findings.find(({ check }) => check === 'schema')?.remedy).toMatch(/Upgrade/)
    expect(report).toMatch(/^error: .*newer.*9999_later\nhint: Upgrade/)
  })

  it('let searches find pgvector in any schema', async () => {
    const db = await emptyDatabase('create schema ext', 'create extension vector schema ext')
    await cli(['migrate'], { place: db })
    const statements = [
      'create table public.point (id int primary key, v ext.vector(2))',
      `insert into public.point select i, array[i, sin(i)]::ext.vector from generate_series(1, 300) as i`,
      `select lsh.create_family('point', 'public.point', 'v', bits => 64)`,
      `select lsh.create_index('public.point', 'v', 'point')`,
    ]
    for (const statement of statements) await onServer(db, (admin) => admin.query(statement))
    const typed = await openDatabase<{ 'public.point': { id: number; v: Vector<2> } }>({ url: db })
    const to = Float32Array.of(7, 0.6)
    const found = await nearest(typed, 'public.point', { to, k: 1, key: 'id' })
      .select(['near.id', 'near.v'])
      .execute()
    expect(found).toMatchObject([{ id: 7, v: expect.any(Float32Array) as Float32Array }])
    const index = await openIndex(typed, 'point')
    await typed.destroy()
    // A pool of the caller does not need the schema on its path either.
    const pool = new pg.Pool({ connectionString: db })
    onTestFinished(() => pool.end())
    await openDatabase({ pool })
    const { rows } = await pool.query<Neighbour>(prepareNearest(index, { k: 1 })(to))
    expect(rows).toMatchObject([{ key: 7 }])
  })
})
