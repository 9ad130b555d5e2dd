/** Tables with hash indexes, and families, that the clients of a torture run work on. */
import type pg from 'pg'

export interface World {
  readonly tables: readonly TortureTable[]
  readonly families: readonly string[]
}

export interface TortureTable {
  readonly name: string
  readonly key: 'int' | 'text' | 'uuid'
  /** The index that is never dropped. */
  readonly index: string
}

export const DIMS = 8
/** Keys are made from the numbers 1 to KEYS. */
export const KEYS = 900

const TABLES: readonly TortureTable[] = [
  { name: 'app.number', key: 'int', index: 'number' },
  { name: 'app.word', key: 'text', index: 'word' },
  { name: 'app.token', key: 'uuid', index: 'token' },
]

const FAMILIES = [
  ['sign_64', 64, 'sign', 1],
  ['sign_128', 128, 'sign', 2],
  ['kernel_64', 64, 'kernel', 3],
  ['qary_96', 96, 'qary', 4],
] as const

/** The key of a number as SQL, in the type of the table's key. */
export function keyOf({ key }: TortureTable, number: number): string {
  if (key === 'int') return String(number)
  if (key === 'text') return `'k${number}'`
  return `'00000000-0000-4000-8000-${String(number).padStart(12, '0')}'::uuid`
}

/** Creates the families and three tables of 300 rows, each with an index. */
export async function createWorld(client: pg.Client): Promise<World> {
  await client.query('create schema app')
  await client.query(`create table app.source (id int primary key, v public.vector(${DIMS}))`)
  await client.query(
    `insert into app.source
     select i, (select array_agg(sin(i % 30 * d) + sin(i * d * d) / 4) from generate_series(1, ${DIMS}) as d)::public.vector
     from generate_series(1, 300) as i`,
  )
  for (const [name, bits, kind, seed] of FAMILIES)
    await client.query(
      `select lsh.create_family('${name}', 'app.source', 'v', bits => ${bits}, kind => '${kind}', seed => ${seed}, bucket_bits => 3)`,
    )
  for (const table of TABLES) {
    await client.query(
      `create table ${table.name} (id ${table.key} primary key, note text, v public.vector(${DIMS}))`,
    )
    for (let number = 1; number <= 300; number++)
      await client.query(
        `insert into ${table.name} select ${keyOf(table, number)}, 'first', v from app.source where id = ${number}`,
      )
    await client.query(`select lsh.create_index('${table.name}', 'v', 'sign_64', '${table.index}')`)
  }
  return { tables: TABLES, families: FAMILIES.map(([name]) => name) }
}
