/**
 * Cost of the typed client: searches built by Kysely compared with the same SQL and parameters, prepared and sent by
 * `pg` on another connection, in turns; and the latency and recall of conditions that few rows pass.
 * `DATABASE_URL=… npx tsx test/bench/client.ts` on a real server; the data are those of `mednist`.
 */
import { sql } from 'kysely'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { vectorDistance } from '../../src/core/vector.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest } from '../../src/search/nearest.js'
import type { QueryOf } from '../../src/search/nearest-query.js'
import { openIndex } from '../../src/search/open-index.js'
import { openStore } from '../../src/store/connection/connect.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { openDatabase } from '../../src/store/connection/open-database.js'
import { row } from './datasets/dataset.js'
import { mednist } from './datasets/mednist.js'

interface Image {
  id: number
  v: Vector<256>
  /** 0 to 999, the same for one row in a thousand. */
  part: number
}
type Tables = Record<'bench_client.image', Image>

const TABLE = 'bench_client.image'
const K = 10
const QUERIES = Number(process.env.QUERIES ?? 200)
const WARM = 10

const url = process.env.DATABASE_URL
if (url === undefined) throw new Error('DATABASE_URL names the server')
const cache = process.env.PG_LSH_CACHE ?? join(tmpdir(), 'pg-lsh-bench')
await mkdir(cache, { recursive: true })
const { base, queries } = await mednist.make({ cache, say: (text) => console.error(text) })
const partOf = (id: number) => (id * 7919) % 1000

const store = await openStore(url)
await prepare()
const index = await openIndex(store.db, 'bench_client')
const db = await openDatabase<Tables>({ url }, { prepare: process.env.PREPARE === '1' })
const client = new pg.Client({ connectionString: url })
await client.connect()

console.log('query        rows that pass  recall@10  client p50  pg p50  ratio')
for (const hashed of [true, false]) {
  for (const share of [1000, 500, 100, 10, 1]) await measure(hashed, share)
}

await client.end()
await db.destroy()
if (process.env.KEEP === undefined) await clear()
await store.close()

async function measure(hashed: boolean, share: number): Promise<void> {
  const build = (to: QueryOf<Image, 'id'>) => {
    const query = nearest(db, TABLE, { to, k: K, key: 'id' })
    const passing = share < 1000 ? query.where('near.part', '<', share) : query
    return passing.select(['near.id', 'near.distance'])
  }
  const times = { client: [] as number[], pg: [] as number[] }
  let hits = 0
  for (let i = -WARM; i < QUERIES; i++) {
    const vector = row(queries, i + WARM)
    const to = () => (hashed ? hashQuery(index, vector) : vector)
    const { sql: text, parameters } = build(to()).compile()
    const started = performance.now()
    const found = await build(to()).execute()
    const between = performance.now()
    await client.query({ name: `${hashed}-${share}`, text, values: [...parameters] })
    const ended = performance.now()
    if (i < 0) continue
    times.client.push(between - started)
    times.pg.push(ended - between)
    const edge = truth(vector, share) * (1 + 1e-6)
    hits += found.filter(({ distance }) => distance <= edge).length
  }
  const [ours, theirs] = [median(times.client), median(times.pg)]
  const cells = [
    (hashed ? 'hashed here' : 'vector').padEnd(11),
    `${share / 10} %`.padStart(14),
    (hits / K / QUERIES).toFixed(3).padStart(9),
    `${ours.toFixed(2)} ms`.padStart(10),
    `${theirs.toFixed(2)} ms`.padStart(6),
    (ours / theirs).toFixed(3),
  ]
  console.log(cells.join('  '))
}

/** Distance of the true tenth neighbour among the rows that pass. */
function truth(vector: Float32Array, share: number): number {
  const nearest: number[] = []
  for (let id = 0; id < base.rows; id++) {
    if (partOf(id) >= share) continue
    const distance = vectorDistance(vector, row(base, id))
    if (nearest.length === K && distance >= nearest[K - 1]!) continue
    nearest.push(distance)
    nearest.sort((a, b) => a - b)
    nearest.length = Math.min(K, nearest.length)
  }
  return nearest[K - 1]!
}

async function prepare(): Promise<void> {
  await clear()
  await store.pool.query(`
    create schema bench_client;
    create table bench_client.image (id int primary key, v vector(256) not null, part int not null)`)
  await store.transaction(async (transaction) => {
    await transaction.copy(
      { table: TABLE, columns: { id: 'int4', v: 'vector', part: 'int4' } },
      Array.from({ length: base.rows }, (_, id) => [id, row(base, id), partOf(id)]),
    )
  })
  const kind = process.env.KIND === 'sign' ? 'sign' : 'residual'
  const options = { name: 'bench_client', kind, buckets: 'voronoi', bits: 512 } as const
  await createFamilyOf(store, { relation: TABLE, column: 'v' }, options)
  await sql`select lsh.create_index(${TABLE}::regclass, 'v', 'bench_client', name => 'bench_client',
    build => 'later')`.execute(store.db)
  await fillIndex(store, 'bench_client')
  await store.pool.query('vacuum analyze bench_client.image, lsh_index.bench_client')
}

async function clear(): Promise<void> {
  await store.pool.query(`
    select lsh.drop_index(name) from lsh.index where name = 'bench_client';
    delete from lsh.family where name = 'bench_client';
    drop schema if exists bench_client cascade`)
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
