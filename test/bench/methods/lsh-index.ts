import { LshError } from '../../../src/core/errors.js'
import type { CreateFamilyOptions } from '../../../src/store/codes/create-index.js'
import { installedSqlVersion } from '../../../src/store/schema/migrate.js'
import { sqlVersion } from '../../../src/store/schema/sql-files.js'
import { rowsOf } from '../datasets/dataset.js'
import { askedBy, type DoorName, type SearchPoint } from './doors.js'
import { FEW, type Method, type NewRows, type Subject } from './method.js'

export interface OursOptions {
  readonly name: string
  readonly family: Omit<CreateFamilyOptions, 'name'>
  readonly points: readonly SearchPoint[]
  /** Ways to search the index; each except the first is a separate method, such as `<name>-sql`. */
  readonly doors: readonly DoorName[]
  /** Whether candidates come from an HNSW graph over the codes instead of buckets. */
  readonly graph?: boolean
}

/** Methods that search an index of this package, with its family and settings. */
export function lshIndex(options: OursOptions): Method[] {
  const { name, points, doors, graph = false } = options
  const asked = (door: DoorName | undefined) =>
    askedBy(door ?? 'sql', points, graph ? { stage: 'hnsw' } : {})
  const build = (maintain: Maintain) => (subject: Subject) => create(subject, options, maintain)
  const owner: Method = {
    name,
    indexed: true,
    build: build('trigger'),
    bytes,
    ...asked(doors[0]),
    drop,
    written: ({ name, table }) => [table, `lsh_index.${name}`],
    bulk: [
      { name: 'trigger', build: build('trigger'), drop, rows: FEW },
      { name: 'loader', build: build('loader'), load, drop, ...(graph ? { rows: FEW } : {}) },
    ],
  }
  const others = doors.slice(1).map((door) => ({
    ...owner,
    name: `${name}-${door}`,
    of: owner,
    ...asked(door),
  }))
  return [owner, ...others]
}

/** Rows passed to the loader at once. */
const LOADED = 4096

type Maintain = 'trigger' | 'loader'

async function create(
  subject: Subject,
  { family, graph }: OursOptions,
  maintain: Maintain,
): Promise<void> {
  const { engine, store, client, name, table } = subject
  await assertInstalled(subject)
  await engine.createFamilyOf(store, { relation: table, column: 'v' }, { ...family, name })
  const parameters = [table, name, maintain]
  await client.query(
    `select lsh.create_index($1::regclass, 'v', $2, $2, maintain => $3, build => 'later')`,
    parameters,
  )
  await engine.fillIndex(store, name)
  if (graph)
    await client.query(`create index on lsh_index.${name} using hnsw (code bit_hamming_ops)`)
}

/** Loads rows in memory as `pg-lsh load vectors` loads those of a file. */
async function load({ engine, store, table, dims }: Subject, rows: NewRows): Promise<void> {
  const { base, first, count } = rows
  await engine.loadVectors(store, table, { dims, rows: count, blocks })

  async function* blocks() {
    for (let from = 0; from < count; from += LOADED) {
      const to = Math.min(count, from + LOADED)
      yield {
        keys: Array.from({ length: to - from }, (_, i) => first + from + i),
        // Copied, since a view sent to a thread would take its whole buffer along.
        vectors: rowsOf(base, first + from, first + to).values.slice(),
        codes: null,
      }
    }
  }
}

/** Bytes of the code table, and of the family in the tables of all families. */
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

/** Drops the index and its family; before the first build the schema may be missing. */
async function drop({ client, name }: Subject): Promise<void> {
  const { rows } = await client.query(`select from pg_tables where schemaname = 'lsh'`)
  if (rows.length === 0) return
  await client.query('select lsh.drop_index(name) from lsh.index where name = $1', [name])
  await client.query('delete from lsh.family where name = $1', [name])
}

async function assertInstalled({ store }: Subject): Promise<void> {
  if ((await installedSqlVersion(store.pool)) === (await sqlVersion(store.pool))) return
  throw new LshError('database', `the database at ${store.location} has another version`, {
    hint: 'Run "pg-lsh migrate" first.',
  })
}
