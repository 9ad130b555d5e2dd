import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { cli, resultOf, useCli } from '../cli/run.js'
import { npyBytes } from '../ingest/vectors/npy-bytes.js'
import { clumps, endToEnd } from '../hash/sample.js'
import { vectorText } from '../../src/store/connection/types.js'
import { describeOnCitus, useCluster } from './cluster.js'

const dims = 16
const rows = 30_000
const vectors = clumps({ dims, rows, seed: 51 })

describeOnCitus('upkeep of tables that Citus has spread', () => {
  useCli()
  const cluster = useCluster(['citus_load', 'citus_kept'])
  let folder: string
  let file: string

  const count = async (table: string) =>
    Number((await cluster.rows<{ count: string }>(`select count(*) from ${table}`))[0]?.count)
  const tried = (text: string) =>
    cluster.rows(text).then(
      () => 'nothing',
      (error: unknown) => {
        const {
          message,
          hint = '',
          code,
        } = error as { message: string; hint?: string; code: string }
        return `${code} ${message}; ${hint}`
      },
    )
  const distribute = (...more: readonly string[]) =>
    cli(['distribute', '--index', 'citus_load', '--json', ...more], { place: cluster.url })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-lsh-citus-'))
    file = join(folder, 'vectors.npy')
    await writeFile(file, npyBytes(endToEnd(vectors), [rows, dims]))
    await cluster.rows(
      `create table citus_load (id bigint primary key, v vector(${dims}) not null)`,
    )
    await cluster.rows(
      `insert into citus_load select row.* from unnest($1::bigint[], $2::text[]::vector[]) as row`,
      [vectors.slice(0, 5000).map((_, i) => i), vectors.slice(0, 5000).map(vectorText)],
    )
    await cluster.rows(
      `select lsh.create_family('citus_load', 'citus_load', 'v', bits => 64, kind => 'sign')`,
    )
    await cluster.rows(`truncate citus_load`)
    await cluster.rows(`select lsh.create_index('citus_load', 'v', 'citus_load')`)
    return () => rm(folder, { recursive: true })
  }, 300_000)

  it('refuses what Citus does not support, with a hint', async () => {
    const spread = `select lsh.distribute('citus_load')`
    expect(await tried(spread)).toMatch(
      /^0A000 index "citus_load" is maintained by triggers.*maintain => 'loader'/s,
    )
    await cluster.rows(`select lsh.drop_index('citus_load')`)
    await cluster.rows(
      `select lsh.create_index('citus_load', 'v', 'citus_load', maintain => 'loader')`,
    )
    await cluster.rows(`alter table citus_load add column code text unique`)
    expect(await tried(spread)).toMatch(
      /^0A000 table "public.citus_load" is distributed by its key, and unique index/,
    )
    await cluster.rows(`alter table citus_load drop column code`)
    await cluster.rows(`create table citus_kept (id bigint primary key)`)
    await cluster.rows(`alter table citus_load add foreign key (id) references citus_kept`)
    expect(await tried(spread)).toMatch(
      /^0A000 table "public.citus_load" cannot be distributed: foreign key/,
    )
    await cluster.rows(`drop table citus_kept cascade`)
    await cluster.rows(`alter table citus_load enable row level security`)
    expect(await tried(spread)).toMatch(/^0A000 policies of table "public.citus_load"/)
    await cluster.rows(`alter table citus_load disable row level security`)
    expect(await tried(`select lsh.distribute('citus_load', 0)`)).toMatch(
      /^22023 a table has at least one shard/,
    )
    expect(await tried(`select lsh.distribute('nothing')`)).toMatch(/^LSH01 /)
  })

  it('distributes a table, and a second run changes nothing', async () => {
    const table = { relation: 'public.citus_load', indexes: ['citus_load'], shards: 4 }
    // Two shards for each worker, unless the caller says otherwise.
    for (const more of [[], ['--shards', '8']])
      expect(resultOf(await distribute(...more))).toEqual({ tables: [table] })
    const shards = await cluster.rows<{ nodes: number; shards: number }>(
      `select count(distinct nodeport || nodename)::int as nodes, count(*)::int as shards from citus_shards
       where table_name in ('citus_load'::regclass, 'lsh_index.citus_load'::regclass)`,
    )
    expect(shards).toEqual([{ nodes: 2, shards: 8 }])
  })

  it('loads all rows and codes or, if the load is killed, possibly none, and can be run again', async () => {
    const load = [
      'load',
      'vectors',
      file,
      '--table',
      'citus_load',
      '--key-column',
      'id',
      '--vector-column',
      'v',
    ]
    const killed = await cli(load, {
      place: cluster.url,
      onStderr: (text, kill) => {
        if (/load vectors into citus_load: \d/.test(text)) kill()
      },
    })
    expect(killed.code).toBeNull()
    const before = [await count('citus_load'), await count('lsh_index.citus_load')]
    expect([
      [0, 0],
      [rows, rows],
    ]).toContainEqual(before)
    expect(await cli(load, { place: cluster.url })).toMatchObject({ code: 0 })
    expect([await count('citus_load'), await count('lsh_index.citus_load')]).toEqual([rows, rows])
    expect(
      await cluster.rows(`select count(*)::int from (
      select from citus_load as row full join lsh_index.citus_load as code on code.key = row.id where code.key is null or row.id is null
    ) as lonely`),
    ).toEqual([{ count: 0 }])
    const replaced = await cli([...load, '--replace'], { place: cluster.url })
    expect(replaced).toMatchObject({ code: 0 })
    expect([await count('citus_load'), await count('lsh_index.citus_load')]).toEqual([rows, rows])
  }, 200_000)

  it('finds and repairs damaged codes', async () => {
    await cluster.rows(`delete from citus_load where id >= 3000`)
    const damage = [
      `delete from lsh_index.citus_load where key in (1, 2)`,
      `update lsh_index.citus_load set bucket = bucket # 1 where key = 5`,
      `delete from lsh_index.citus_load where key > 3000`,
    ]
    for (const one of damage) await cluster.rows(one)
    const expected = [
      { key: '1', problem: 'missing' },
      { key: '2', problem: 'missing' },
      { key: '3000', problem: 'orphaned' },
      { key: '5', problem: 'stale' },
    ]
    expect(await cluster.rows(`select * from lsh.verify_index('citus_load')`)).toEqual(expected)
    expect(
      await cluster.rows(`select * from lsh.verify_index('citus_load', repair => true)`),
    ).toEqual(expected)
    expect(await cluster.rows(`select * from lsh.verify_index('citus_load')`)).toEqual([])
  }, 100_000)

  it('rehashes with a different family, in one step or as a successor that is switched in', async () => {
    await cluster.rows(
      `select lsh.create_family('citus_load_other', 'citus_load', 'v', bits => 32, kind => 'cosine', sample => 500)`,
    )
    expect(
      await cluster.rows(`select lsh.reindex('citus_load', 'citus_load_other') as name`),
    ).toEqual([{ name: 'citus_load' }])
    expect(await count('lsh_index.citus_load')).toBe(3000)
    await cluster.rows(`select lsh.reindex('citus_load', 'citus_load', build => 'later')`)
    await cluster.rows(`call lsh.build_index('citus_load_next', 1000)`)
    await cluster.rows(`select lsh.switch_index('citus_load', 'citus_load_next')`)
    expect(await cluster.rows(`select * from lsh.verify_index('citus_load')`)).toEqual([])
    expect(await cluster.rows(`select problem from lsh.health where index = 'citus_load'`)).toEqual(
      [{ problem: null }],
    )
    await cluster.rows(`select lsh.mend_index('citus_load')`)
  }, 100_000)

  it('reports an unreachable worker, writes no partial insert, and works again once the worker is back', async () => {
    const [worker] = await cluster.rows<{ nodeid: number; nodename: string; nodeport: number }>(
      `select nodeid, nodename, nodeport from pg_dist_node where groupid <> 0 order by nodeid limit 1`,
    )
    // Changes only what the coordinator knows of the worker, not the worker itself.
    const move = (port: number) =>
      cluster.rows(`update pg_dist_node set nodeport = $2 where nodeid = $1`, [
        worker?.nodeid,
        port,
      ])
    const ask = `select key from lsh.search('citus_load', $1, 5)`
    const query = [vectorText(vectors[0] as Float32Array)]
    const found = await cluster.rows(ask, query)
    await move(1)
    try {
      const error = await cluster.rows(ask, query).catch((error: unknown) => String(error))
      expect(error).toMatch(/connection to the remote node|could not/i)
      expect(
        await tried(
          `insert into citus_load select i, array_fill(i, array[${dims}])::vector from generate_series(-9, -1) as i`,
        ),
      ).not.toBe('nothing')
    } finally {
      await move(worker?.nodeport ?? 0)
    }
    expect(await cluster.rows(ask, query)).toEqual(found)
    expect(await cluster.rows(`select id from citus_load where id < 0`)).toEqual([])
  }, 100_000)

  it('moves the table back to the coordinator, with the same answers and intact codes', async () => {
    const ask = `select key, distance from lsh.search('citus_load', $1, 5, stage => 'buckets')`
    const query = [vectorText(vectors[9] as Float32Array)]
    const found = await cluster.rows(ask, query)
    for (let turn = 0; turn < 2; turn++)
      expect(resultOf(await distribute('--undo'))).toEqual({ tables: ['public.citus_load'] })
    expect(await cluster.rows(ask, query)).toEqual(found)
    expect(await cluster.rows(`select * from lsh.verify_index('citus_load')`)).toEqual([])
    expect(
      await cluster.rows(
        `select index from lsh.health where index = 'citus_load' and problem is not null`,
      ),
    ).toEqual([])
    expect(
      await cluster.rows(
        `select count(*)::int from pg_dist_partition where logicalrelid = 'citus_load'::regclass`,
      ),
    ).toEqual([{ count: 0 }])
  }, 100_000)
})
