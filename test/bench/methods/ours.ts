import { LshError } from '../../../src/core/errors.js'
import { createFamilyOf, type CreateFamilyOptions } from '../../../src/store/create-index.js'
import { fillIndex } from '../../../src/store/fill-index.js'
import { installedSqlVersion, sqlVersion } from '../../../src/store/migrate.js'
import { openIndex } from '../../../src/search/open-index.js'
import { prepareNearest } from '../../../src/search/prepare-nearest.js'
import { K, type Method, type Subject } from './method.js'

/** A point of the curve: what a search may be told. */
export interface SearchPoint {
  readonly probes: number
  readonly candidates: number
}

export interface OursOptions {
  readonly name: string
  readonly family: Omit<CreateFamilyOptions, 'name'>
  readonly points: readonly SearchPoint[]
  /** Hashes queries in the client and sends one prepared statement, or calls `lsh.search`. */
  readonly by: 'client' | 'function'
}

/** An index of this package, by the family it is made with and the settings it is asked with. */
export function lshIndex({ name, family, points, by }: OursOptions): Method {
  const build = (maintain: Maintain) => (subject: Subject) => create(subject, family, maintain)
  return {
    name,
    indexed: true,
    build: build('trigger'),
    bytes,
    settings: by === 'client' ? clientSettings(points) : functionSettings(points),
    drop,
    written: ({ name, table }) => [table, `lsh_index.${name}`],
    bulk: [
      { name: 'trigger', build: build('trigger'), drop },
      { name: 'loader', build: build('loader'), finish: fill, drop },
    ],
  }
}

/** As in `pg-lsh family create --kind residual`. */
const RESIDUAL = { kind: 'residual', bits: 512 } as const

const points = (settings: readonly (readonly [probes: number, candidates: number])[]) =>
  settings.map(([probes, candidates]) => ({ probes, candidates }))

export const ours: readonly Method[] = [
  lshIndex({
    name: 'ours',
    family: RESIDUAL,
    points: points([
      [4, 30],
      [8, 30],
      [8, 32],
      [8, 36],
      [8, 40],
      [8, 60],
      [12, 24],
      [16, 20],
      [16, 24],
      [16, 40],
      [32, 30],
      [64, 60],
      [128, 100],
      [128, 140],
      [160, 140],
      [200, 140],
      [240, 150],
      [320, 200],
    ]),
    by: 'client',
  }),
  lshIndex({
    name: 'ours-sign',
    family: { kind: 'sign', bits: 512, buckets: 'voronoi' },
    points: points([
      [8, 40],
      [16, 60],
      [16, 100],
      [32, 150],
      [128, 100],
      [160, 100],
      [200, 100],
      [240, 140],
    ]),
    by: 'client',
  }),
  lshIndex({
    name: 'ours-bits',
    family: { kind: 'sign', bits: 256 },
    points: points([
      [64, 100],
      [256, 150],
      [512, 200],
      [1024, 400],
    ]),
    by: 'client',
  }),
  lshIndex({
    name: 'ours-sql',
    family: RESIDUAL,
    points: points([
      [8, 40],
      [20, 20],
      [32, 40],
      [240, 150],
    ]),
    by: 'function',
  }),
]

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
    `select lsh.create_index($1::regclass, 'v', $2, $2, maintain => $3, build => 'later')`,
    parameters,
  )
  await fillIndex(store, name)
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

function clientSettings(points: readonly SearchPoint[]): Method['settings'] {
  return async ({ store, name }) => {
    const index = await openIndex(store.db, name)
    return points.map((point) => {
      const nearest = prepareNearest(index, { k: K, ...point })
      const { text } = nearest(new Float32Array(index.family.dims))
      return {
        name: nameOf(point),
        session: [],
        text: `select key as id from (${text}) as found`,
        values: (_, vector) => nearest(vector).values,
      }
    })
  }
}

function functionSettings(points: readonly SearchPoint[]): Method['settings'] {
  return ({ name }) =>
    points.map((point) => ({
      name: nameOf(point),
      session: [],
      text: `select key as id
        from lsh.search('${name}', $1::vector, k => ${K}, probes => ${point.probes}, candidates => ${point.candidates})`,
      values: (text) => [text],
    }))
}

function nameOf({ probes, candidates }: SearchPoint): string {
  return `probes=${probes} candidates=${candidates}`
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
