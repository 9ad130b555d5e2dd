import { LshError } from '../../../src/core/errors.js'
import { createFamilyOf, type CreateFamilyOptions } from '../../../src/store/create-index.js'
import { fillIndex } from '../../../src/store/fill-index.js'
import { vacuumIndex } from '../../../src/store/index-codes.js'
import { installedSqlVersion, sqlVersion } from '../../../src/store/migrate.js'
import { K, type Method, type Setting, type Subject } from './method.js'

/** A point of the curve: what a search may be told. */
export interface SearchPoint {
  readonly probes: number
  readonly candidates: number
  /** (Default: what the index chooses) */
  readonly stage?: 'buckets' | 'scan' | 'hnsw'
  /** (Default: what the family allows) */
  readonly ranking?: 'hamming' | 'asymmetric' | 'estimate'
}

export interface OursOptions {
  readonly name: string
  readonly family: Omit<CreateFamilyOptions, 'name'>
  readonly points: readonly SearchPoint[]
}

/** An index of this package, by the family it is made with and the settings it is asked with. */
export function lshIndex({ name, family, points }: OursOptions): Method {
  const build = (maintain: Maintain) => (subject: Subject) => create(subject, family, maintain)
  return {
    name,
    indexed: true,
    build: build('trigger'),
    bytes,
    settings: (subject) => points.map((point) => settingOf(subject, point)),
    drop,
    written: ({ name, table }) => [table, `lsh_index.${name}`],
    bulk: [
      { name: 'trigger', build: build('trigger'), drop },
      { name: 'loader', build: build('loader'), finish: fill, drop },
    ],
  }
}

/** As it is recommended. */
export const ours = lshIndex({
  name: 'ours',
  family: { kind: 'sign', bits: 512, buckets: 'voronoi' },
  points: [
    { probes: 32, candidates: 50 },
    { probes: 64, candidates: 50 },
    { probes: 128, candidates: 100 },
    { probes: 256, candidates: 100 },
    { probes: 512, candidates: 100 },
    { probes: 1024, candidates: 200 },
  ],
})

type Maintain = 'trigger' | 'loader'

async function create(
  subject: Subject,
  family: OursOptions['family'],
  maintain: Maintain,
): Promise<void> {
  const { store, client, name, table } = subject
  await assertInstalled(subject)
  await createFamilyOf(store, { relation: table, column: 'v' }, { ...family, name })
  const parameters = [table, name, maintain]
  await client.query(
    `select lsh.create_index($1::regclass, 'v', $2, $2, maintain => $3)`,
    parameters,
  )
  if (maintain === 'loader') await fill(subject)
  else await vacuumIndex(store, name)
}

async function fill({ store, name }: Subject): Promise<void> {
  await fillIndex(store, name)
}

/** The table of codes, and this family's share of the tables that hold all families. */
async function bytes({ client, name }: Subject): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    `select (
       pg_total_relation_size(format('lsh_index.%I', $1::text)::regclass)
       + (select pg_column_size(family.*) from lsh.family where family.name = $1)
       + (
         select sum(pg_column_size(projection.*))
         from lsh.projection
           join lsh.family on family.id = projection.family_id
         where family.name = $1
       )
     )::float8 as bytes`,
    [name],
  )
  return rows[0]?.bytes ?? 0
}

function settingOf({ name }: Subject, point: SearchPoint): Setting {
  const wanted = Object.entries(point) as [keyof SearchPoint, string | number][]
  const parameters = wanted.map(([key, value]) =>
    typeof value === 'number' ? `${key} => ${value}` : `${key} => '${value}'`,
  )
  return {
    name: wanted.map(([key, value]) => `${key}=${value}`).join(' '),
    session: [],
    text: `select key as id
      from lsh.search('${name}', $1::vector, k => ${K}, ${parameters.join(', ')})`,
    values: (vector) => [vector],
  }
}

/** Before the first build there may be no schema of ours yet. */
async function drop({ client, name }: Subject): Promise<void> {
  const { rows } = await client.query(`select from pg_tables where schemaname = 'lsh'`)
  if (rows.length === 0) return
  await client.query('select lsh.drop_index(name) from lsh.index where name = $1', [name])
  await client.query('delete from lsh.family where name = $1', [name])
}

async function assertInstalled({ store }: Subject): Promise<void> {
  if ((await installedSqlVersion(store.pool)) === (await sqlVersion())) return
  throw new LshError('database', `the database at ${store.location} is not at this version`, {
    hint: 'Run "pg-lsh migrate" first.',
  })
}
