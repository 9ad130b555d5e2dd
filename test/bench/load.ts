/**
 * Cost of loading features: `pg-lsh load vectors` from Parquet and npy files with stored codes, and from an npy file
 * whose codes are computed, compared with binary COPY of the same rows into tables of the same shape, in turns. After a
 * load into an empty index, settings of searches are measured; one way goes without, into an index that was given some.
 * `DATABASE_URL=… npx tsx test/bench/load.ts` on a real server; `ROWS` and `ROUNDS` change its size.
 */
import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { codeFromText } from '../../src/core/code.js'
import { openRowWriter } from '../../src/ingest/files/row-writer.js'
import { openStore } from '../../src/store/connection/connect.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { codeTable } from '../../src/store/codes/write-codes.js'
import { npyBytes } from '../ingest/vectors/npy-bytes.js'
import { manifold1m } from './datasets/manifold-1m.js'
import { sampled } from './datasets/sample.js'

const ROWS = Number(process.env.ROWS ?? 1_000_000)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const BITS = 512
const DIMS = 128
/** Rows read at once for the Parquet file. */
const PART = 20_000

const url = process.env.DATABASE_URL
if (url === undefined) throw new Error('DATABASE_URL names the server')
const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-load-'))
const file = (name: string) => join(folder, name)
const codeFiles = ['--code-file', file('codes.npy'), '--bucket-file', file('buckets.npy')]
const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const say = (text: string) => console.error(text)

const store = await openStore(url)
const client = new pg.Client({ connectionString: url })
await client.connect()
try {
  await prepare()
  await writeFiles()
  const times = new Map<string, number[]>()
  const ways: readonly [string, () => Promise<void>][] = [
    ['COPY', () => copy('keyed', 'rows', 'codes')],
    ['COPY of the rows alone', () => copy('keyed', 'rows')],
    ['COPY into tables without any index', () => copy('bare', 'rows', 'codes')],
    ['load vectors, Parquet with codes', () => load('features.parquet')],
    ['load vectors, npy with codes', () => load('features.npy', ...codeFiles)],
    [
      'load vectors, npy with codes, settings given',
      () => loadInto('given', 'features.npy', ...codeFiles),
    ],
    ['load vectors, npy, codes computed', () => load('features.npy')],
  ]
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [name, work] of ways) {
      await emptyTables()
      const begin = performance.now()
      await work()
      const seconds = (performance.now() - begin) / 1000
      times.set(name, [...(times.get(name) ?? []), seconds])
      say(`round ${round}: ${name}: ${seconds.toFixed(1)} s`)
    }
  }
  await report(times)
} finally {
  await clear().catch((error: unknown) =>
    say(`bench_load is left in the database: ${String(error)}`),
  )
  await client.end()
  await store.close()
  await rm(folder, { recursive: true, force: true })
}

async function clear(): Promise<void> {
  await client.query(
    `select lsh.drop_index(name) from lsh.index where name like 'bench\\_load\\_%'`,
  )
  await client.query(`select lsh.drop_family(name) from lsh.family where name = 'bench_load'`)
  await client.query('drop schema if exists bench_load cascade')
}

/** Creates the rows with their codes, a table with an index, and tables for COPY. */
async function prepare(): Promise<void> {
  const { base } = sampled(await manifold1m.make({ cache: folder, say }), ROWS)
  await writeFile(file('features.npy'), npyBytes(base.values, [base.rows, DIMS]))
  await clear()
  await client.query('create schema bench_load')
  for (const table of ['source', 'ours', 'given'])
    await client.query(
      `create table bench_load.${table} (id int primary key, embedding vector(${DIMS}))`,
    )
  await run('load', 'vectors', file('features.npy'), '--table', 'bench_load.source')
  const column = { relation: 'bench_load.source', column: 'embedding' }
  await createFamilyOf(store, column, { name: 'bench_load', kind: 'cosine', bits: BITS })
  for (const [table, settings] of [
    ['source', ''],
    ['ours', ''],
    ['given', ', probes => 80, candidates => 150'],
  ])
    await client.query(
      `select lsh.create_index('bench_load.${table}', 'embedding', 'bench_load', 'bench_load_${table}', maintain => 'loader'${settings})`,
    )
  await fillIndex(store, 'bench_load_source')
  for (const [kind, shape] of [
    ['keyed', 'including all'],
    ['bare', ''],
  ] as const) {
    await client.query(
      `create table bench_load.${kind}_rows (like bench_load.source ${shape});
       create table bench_load.${kind}_codes (like ${codeTable('bench_load_source')} ${shape})`,
    )
  }
}

async function writeFiles(): Promise<void> {
  const codes = codeTable('bench_load_source')
  for (const [name, table] of [
    ['rows', 'bench_load.source'],
    ['codes', codes],
  ] as const)
    await pipeline(
      client.query(copyTo(`copy ${table} to stdout (format binary)`)),
      createWriteStream(file(name)),
    )
  const writer = openRowWriter(
    file('features'),
    { key: 'int', embedding: 'reals', code: 'text', bucket: 'int' },
    'parquet',
  )
  const packed = new Uint8Array((ROWS * BITS) / 8)
  const buckets = new Int32Array(ROWS)
  for (let from = 0; from < ROWS; from += PART) {
    const { rows } = await store.pool.query<Record<string, unknown>>(
      `select id as key, embedding, code::text as code, bucket
       from bench_load.source join ${codes} on key = id
       where id >= $1 and id < $1 + $2 order by id`,
      [from, PART],
    )
    await writer.write(rows)
    rows.forEach(({ code, bucket }, i) => {
      packed.set(codeFromText(code as string).bytes, ((from + i) * BITS) / 8)
      buckets[from + i] = bucket as number
    })
  }
  await writer.finish()
  await writeFile(file('codes.npy'), npyBytes(packed, [ROWS, BITS / 8]))
  await writeFile(file('buckets.npy'), npyBytes(buckets, [ROWS]))
}

async function emptyTables(): Promise<void> {
  await client.query(
    `truncate bench_load.ours, ${codeTable('bench_load_ours')}, bench_load.given, ${codeTable('bench_load_given')},
       bench_load.keyed_rows, bench_load.keyed_codes, bench_load.bare_rows, bench_load.bare_codes`,
  )
  await client.query('checkpoint')
}

async function copy(kind: 'keyed' | 'bare', ...names: readonly string[]): Promise<void> {
  for (const name of names)
    await pipeline(
      createReadStream(file(name)),
      client.query(copyFrom(`copy bench_load.${kind}_${name} from stdin (format binary)`)),
    )
}

async function load(name: string, ...more: string[]): Promise<void> {
  await loadInto('ours', name, ...more)
}

async function loadInto(table: 'ours' | 'given', name: string, ...more: string[]): Promise<void> {
  await run('load', 'vectors', file(name), '--table', `bench_load.${table}`, ...more)
}

async function run(...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [cli, ...args, '--db', url as string])
}

async function report(times: ReadonlyMap<string, readonly number[]>): Promise<void> {
  const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0
  const plain = median(times.get('COPY') ?? [])
  const { rows: version } = await client.query<{ server_version: string }>('show server_version')
  console.log(
    `Node.js ${process.version}, PostgreSQL ${version[0]?.server_version}, seed of the rows ${manifold1m.seed}`,
  )
  console.log(`${ROWS} rows of ${DIMS} dimensions with ${BITS} bits; median of ${ROUNDS} rounds`)
  console.log(`${''.padEnd(44)} seconds   rows/s  share of COPY`)
  for (const [name, list] of times) {
    const seconds = median(list)
    const [rate, share] = [Math.round(ROWS / seconds), plain / seconds]
    console.log(
      `${name.padEnd(44)} ${seconds.toFixed(1).padStart(7)} ${String(rate).padStart(8)} ${share.toFixed(2).padStart(14)}`,
    )
  }
}
