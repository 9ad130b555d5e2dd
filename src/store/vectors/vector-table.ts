import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { HashFamily } from '../../hash/family.js'
import type { Store, Transaction } from '../connection/connect.js'
import { readFamily } from '../codes/families.js'

export interface VectorTableOptions {
  /** Column of the keys. (Default: that of the indexes, else the primary key, else the only unique column) */
  key?: string
  /** Column of the vectors. (Default: the only one of type vector) */
  vector?: string
}

/** A table to load vectors into. */
export interface VectorTable {
  /** Qualified, and quoted where it must be. */
  readonly relation: string
  readonly key: string
  /** Type of the key column as `format_type` names it, without modifiers: `integer`. */
  readonly keyType: string
  readonly vector: string
  /** Dimension with which the column was declared; null if it has none. */
  readonly dims: number | null
  /** Indexes whose codes the loader writes, because no trigger does or because it disables the triggers. */
  readonly indexes: readonly WrittenIndex[]
}

export interface WrittenIndex {
  readonly id: number
  readonly name: string
  /** Column of the table whose values identify the codes. */
  readonly keyColumn: string
  readonly maintain: 'trigger' | 'loader'
  readonly family: HashFamily
}

/**
 * Looks up the table, columns and indexes that vectors are to be loaded into.
 *
 * @throws LshError `bad_usage` if the table or a column does not exist, if the vector column is not of type vector, or
 *   if an index identifies rows by another column than `key`
 */
export async function readVectorTable(
  store: Store,
  table: string,
  options: VectorTableOptions = {},
): Promise<VectorTable> {
  const { rows } = await sql<{ relation: string | null; owned: boolean | null }>`
    select found::regclass::text as relation,
      (select pg_has_role(relowner, 'usage') from pg_class where oid = found) as owned
    from to_regclass(${table}) as found`.execute(store.db)
  const { relation = null, owned } = rows[0] ?? {}
  if (relation === null)
    throw new LshError('bad_usage', `table "${table}" does not exist`, {
      hint: 'Create it first or with --create; qualify its name with its schema.',
    })
  const columns = await columnsOf(store, relation)
  const vector = options.vector ?? onlyVector(relation, columns)
  const indexes = await indexesOf(store, relation, vector)
  const key = options.key ?? indexes[0]?.keyColumn ?? (await keyColumn(store, relation))
  const keyType = typeOf(relation, columns, key)
  const type = typeOf(relation, columns, vector)
  if (type === 'halfvec')
    throw new LshError(
      'bad_usage',
      `column "${vector}" of ${relation} is of type halfvec, which cannot be loaded from files`,
      {
        hint: `Load into a table with a column of type vector, then "insert into ${relation} select ..." from it: PostgreSQL converts the vectors.`,
      },
    )
  if (type !== 'vector')
    throw new LshError('bad_usage', `column "${vector}" of ${relation} is not of type vector`, {
      hint: 'Name the column that takes the vectors with --vector-column.',
    })
  assertKey(relation, key, indexes)
  // Only the owner of a table can disable its triggers; for other roles, the triggers write their codes.
  const written = indexes.filter(({ maintain }) => maintain === 'loader' || owned === true)
  const dims = await dimsOf(store, relation, vector)
  return { relation, key, keyType, vector, dims, indexes: written }
}

/**
 * Largest dimension of vectors that are stored in line: a row must fit a page. An out-of-line vector costs three more
 * page reads per distance.
 */
export const IN_LINE_DIMS = 2000

/** Creates a table of keys and vectors unless a table with that name exists. */
export async function createVectorTable(
  store: Store,
  table: string,
  columns: { key: string; keyType: 'bigint' | 'text'; vector: string; dims: number },
): Promise<void> {
  const { key, keyType, vector, dims } = columns
  await sql`create table if not exists ${sql.table(table)} (
    ${sql.ref(key)} ${sql.raw(keyType)} primary key, ${sql.ref(vector)} vector(${sql.lit(dims)}) not null)`.execute(
    store.db,
  )
  if (dims <= IN_LINE_DIMS)
    await sql`alter table ${sql.table(table)} alter column ${sql.ref(vector)} set storage plain`.execute(
      store.db,
    )
}

/** Disables or enables the insert triggers of the indexes, in a transaction that writes their codes itself. */
export async function setTriggers(
  { db }: Pick<Transaction, 'db'>,
  { relation, indexes }: VectorTable,
  state: 'disable' | 'enable',
): Promise<void> {
  for (const { id, maintain } of indexes)
    if (maintain === 'trigger')
      await sql`alter table ${sql.raw(relation)} ${sql.raw(state)} trigger ${sql.id(`lsh_${id}_insert`)}`.execute(
        db,
      )
}

/** Refuses a key column other than that of the indexes: the loader identifies codes by the keys of the file. */
function assertKey(relation: string, key: string, indexes: readonly WrittenIndex[]): void {
  const other = indexes.find(({ keyColumn }) => keyColumn !== key)
  if (other)
    throw new LshError(
      'bad_usage',
      `index "${other.name}" identifies rows of ${relation} by column "${other.keyColumn}", but the file by "${key}"`,
      { hint: `Load keys of that column: --key-column ${other.keyColumn}.` },
    )
}

async function keyColumn(store: Store, relation: string): Promise<string> {
  const { rows } = await sql<{ key: string }>`
    select lsh_internal.key_column(${relation}::regclass) as key`.execute(store.db)
  return (rows[0] as { key: string }).key
}

/** Types of the columns by their names, without modifiers. */
async function columnsOf(store: Store, relation: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ name: string; type: string }>`
    select attname as name,
      case when typname in ('vector', 'halfvec') then typname else format_type(atttypid, -1) end as type
    from pg_attribute join pg_type on pg_type.oid = atttypid
    where attrelid = ${relation}::regclass and attnum > 0 and not attisdropped
    order by attnum`.execute(store.db)
  return new Map(rows.map(({ name, type }) => [name, type]))
}

async function dimsOf(store: Store, relation: string, vector: string): Promise<number | null> {
  const { rows } = await sql<{ dims: number }>`
    select atttypmod as dims from pg_catalog.pg_attribute
    where attrelid = ${relation}::regclass and attname = ${vector}`.execute(store.db)
  const { dims = -1 } = rows[0] ?? {}
  return dims > 0 ? dims : null
}

function onlyVector(relation: string, columns: ReadonlyMap<string, string>): string {
  const vectors = [...columns].filter(([, type]) => type === 'vector').map(([name]) => name)
  if (vectors.length === 1) return vectors[0] as string
  throw new LshError(
    'bad_usage',
    `table ${relation} has ${vectors.length} columns of type vector`,
    {
      hint: 'Name the column that takes the vectors with --vector-column.',
    },
  )
}

function typeOf(relation: string, columns: ReadonlyMap<string, string>, name: string): string {
  const type = columns.get(name)
  if (type !== undefined) return type
  throw new LshError('bad_usage', `table ${relation} has no column "${name}"`, {
    hint: `Its columns are ${[...columns.keys()].join(', ')}: choose with --key-column and --vector-column.`,
  })
}

async function indexesOf(store: Store, relation: string, vector: string): Promise<WrittenIndex[]> {
  const rows = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select([
      'lsh.index.id',
      'lsh.index.name',
      'key_column as keyColumn',
      'maintain',
      'lsh.family.name as family',
    ])
    .where('relation', '=', sql<string>`${relation}::regclass`)
    .where('vector_column', '=', vector)
    .orderBy('lsh.index.id')
    .execute()
  const indexes: WrittenIndex[] = []
  for (const { family, ...index } of rows)
    indexes.push({ ...index, family: await readFamily(store.db, family) })
  return indexes
}
