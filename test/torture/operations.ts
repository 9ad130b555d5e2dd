/** Random statements of a torture run, each with the SQLSTATEs that concurrent clients may cause. */
import type { Random } from '../../src/core/random.js'
import { KEYS, keyOf, type TortureTable, type World } from './world.js'

export interface Operation {
  readonly kind: string
  readonly text: string
  /** SQLSTATEs with which it may fail, in addition to ALWAYS_EXPECTED. */
  readonly expected: readonly string[]
  /** Whether it cannot run inside a transaction block. */
  readonly alone?: boolean
}

/** Any statement may fail with these: serialization failures, deadlocks, lock and statement timeouts. */
export const ALWAYS_EXPECTED = ['40001', '40P01', '55P03', '57014']
/** Statements that create or change indexes fail with this if the isolation level is not read committed. */
const STRICT = '25001'
/** The connection was ended, or the server is starting. */
export const CONNECTION_LOST = ['57P01', '57P02', '57P03', '08006', '08003', '08001', '08P01']

type Make = (world: World, table: TortureTable, source: Random) => Omit<Operation, 'kind'>

function pick<T>(values: readonly T[], source: Random): T {
  return values[source.integer(0, values.length - 1)] as T
}

function vector(source: Random): string {
  if (source.uniform() < 0.05) return 'null::public.vector'
  return `(select v from app.source where id = ${source.integer(1, 300)})`
}

function key(table: TortureTable, source: Random): string {
  return keyOf(table, source.integer(1, KEYS))
}

/** A condition that about one row in 61 passes. */
function few(source: Random): string {
  return `abs(hashtext(id::text)) % 61 = ${source.integer(0, 60)}`
}

const WRITES: Readonly<Record<string, Make>> = {
  insert: (_, table, source) => ({
    text: `insert into ${table.name} (id, v) values (${key(table, source)}, ${vector(source)})`,
    expected: ['23505'],
  }),
  insertMany: (_, table, source) => ({
    text: `insert into ${table.name} (id, v) select distinct on (id) * from (values ${Array.from(
      { length: source.integer(2, 6) },
      () => `(${key(table, source)}, ${vector(source)})`,
    ).join(', ')}) as row (id, v) on conflict do nothing`,
    expected: [],
  }),
  upsert: (_, table, source) => ({
    text: `insert into ${table.name} (id, v) values (${key(table, source)}, ${vector(source)})
      on conflict (id) do update set v = excluded.v, note = 'upserted'`,
    expected: [],
  }),
  update: (_, table, source) => ({
    text: `update ${table.name} set v = ${vector(source)} where ${few(source)}`,
    expected: [],
  }),
  updateOther: (_, table, source) => ({
    text: `update ${table.name} set note = note || '.' where ${few(source)}`,
    expected: [],
  }),
  moveKey: (_, table, source) => ({
    text: `update ${table.name} set id = ${key(table, source)} where id = ${key(table, source)}`,
    expected: ['23505'],
  }),
  delete: (_, table, source) => ({
    text: `delete from ${table.name} where ${few(source)}`,
    expected: [],
  }),
  merge: (_, table, source) => ({
    text: `merge into ${table.name} as t using (values (${key(table, source)}, ${vector(source)})) as given (id, v)
      on t.id = given.id
      when matched and length(coalesce(t.note, '')) % 3 = 0 then delete
      when matched then update set v = given.v
      when not matched then insert (id, v) values (given.id, given.v)`,
    expected: ['23505'],
  }),
}

const ALONE: Readonly<Record<string, Make>> = {
  truncate: (_, table) => ({ text: `truncate ${table.name}`, expected: [] }),
  reindex: ({ families }, { index }, source) => ({
    text: `select lsh.reindex('${index}', '${pick(families, source)}')`,
    expected: [STRICT],
  }),
  reindexLater: ({ families }, { index }, source) => ({
    text: `select lsh.reindex('${index}', '${pick(families, source)}', build => 'later')`,
    expected: ['42710', STRICT],
  }),
  build: (_, { index }, source) => ({
    text: `call lsh.build_index('${index}_next', ${source.integer(20, 200)})`,
    expected: ['LSH01', '55000', '42P01'],
    alone: true,
  }),
  switch: (_, { index }) => ({
    text: `select lsh.switch_index('${index}', '${index}_next')`,
    expected: ['LSH01', '55000', '42P01', STRICT],
  }),
  dropNext: (_, { index }) => ({
    text: `select lsh.drop_index('${index}_next')`,
    expected: ['LSH01', '42P01', STRICT],
  }),
  extra: ({ families }, table, source) => ({
    text: `select lsh.create_index('${table.name}', 'v', '${pick(families, source)}', '${table.index}_extra${source.integer(1, 2)}')`,
    expected: ['42710', STRICT],
  }),
  dropExtra: (_, { index }, source) => ({
    text: `select lsh.drop_index('${index}_extra${source.integer(1, 2)}')`,
    expected: ['LSH01', '42P01', STRICT],
  }),
  verify: (_, { index }) => ({
    text: `select lsh_test.expect_none('${index}')`,
    expected: [],
  }),
  repair: (_, { index }) => ({
    text: `select * from lsh.verify_index('${index}', repair => true)`,
    expected: [],
  }),
  tune: (_, { index }) => ({
    text: `select lsh.tune('${index}', sample => 3)`,
    expected: ['LSH03'],
  }),
  compact: (_, { index }) => ({ text: `select lsh.compact_index('${index}')`, expected: [STRICT] }),
  mend: (_, { index }) => ({ text: `select lsh.mend_index('${index}')`, expected: [STRICT] }),
  graph: (_, { index }) => ({
    text: `create index if not exists ${index}_graph on lsh_index.${index} using hnsw (code public.bit_hamming_ops)`,
    expected: ['42P01', '42P07', '23505'],
  }),
  addColumn: (_, table, source) => ({
    text: `alter table ${table.name} add column if not exists extra_${source.integer(1, 3)} int default 1`,
    expected: ['54011'],
  }),
  dropColumn: (_, table, source) => ({
    text: `alter table ${table.name} drop column if exists extra_${source.integer(1, 3)}`,
    expected: [],
  }),
  vacuum: (_, table, source) => ({
    text: `vacuum ${source.uniform() < 0.5 ? '' : '(analyze) '}${pick([table.name, `lsh_index.${table.index}`], source)}`,
    expected: ['42P01'],
    alone: true,
  }),
}

const MOST_DDL = 0.12

/** The next statement of a client, on its own or inside a transaction. */
export function operationOf(world: World, source: Random, inTransaction: boolean): Operation {
  const table = pick(world.tables, source)
  const kinds = source.uniform() < MOST_DDL ? ALONE : WRITES
  const [kind, make] = pick(Object.entries(kinds), source)
  const made = make(world, table, source)
  // Keeps one truncate in ten, so that the tables have rows most of the time.
  if ((kind === 'truncate' && source.uniform() < 0.9) || (inTransaction && made.alone))
    return operationOf(world, source, inTransaction)
  return { kind, ...made }
}
