import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeFromText } from '../../../src/core/code.js'
import type { VectorFile } from '../../../src/ingest/vectors/vector-block.js'
import { openVectors } from '../../../src/ingest/vectors/vector-file.js'
import { exportDataset } from '../../../src/store/plans/export-dataset.js'
import { loadVectors } from '../../../src/store/vectors/load-vectors.js'
import { createVectorTable } from '../../../src/store/vectors/vector-table.js'
import { useTestDatabase } from '../../database.js'
import { clumps } from '../../hash/sample.js'
import { temporaryFolder } from '../../ingest/fixtures.js'
import { npyBytes } from '../../ingest/vectors/npy-bytes.js'
import { makeIndex, makeSpace } from '../codes/made-space.js'

const database = useTestDatabase()
const dims = 8
const vectors = clumps({ dims, rows: 500, seed: 4 })

/** Creates a table of vectors with one index for each way of keeping codes. */
async function makeTable(name: string): Promise<void> {
  const { pool } = database.store
  await pool.query(`create table ${name} (id int primary key, v vector(${dims}))`)
  for (const maintain of ['trigger', 'loader'])
    await pool.query(`select lsh.create_index($1::regclass, 'v', 'made', $2, maintain => $3)`, [
      name,
      `${name}_${maintain}`,
      maintain,
    ])
}

async function file(rows: readonly Float32Array[] = vectors): Promise<string> {
  const path = join(await temporaryFolder(), 'x.npy')
  const all = Float32Array.from(rows.flatMap((row) => [...row]))
  await writeFile(path, npyBytes(all, [rows.length, dims]))
  return path
}

/** Number of rows, and the findings of `lsh.verify_index` for both indexes. */
async function stateOf(table: string) {
  const { pool } = database.store
  const count = await pool.query<{ rows: number }>(`select count(*)::int as rows from ${table}`)
  const wrong: unknown[] = []
  for (const how of ['trigger', 'loader']) {
    const { rows } = await pool.query(`select * from lsh.verify_index($1)`, [`${table}_${how}`])
    wrong.push(...(rows as unknown[]))
  }
  return { rows: count.rows[0]?.rows, wrong }
}

async function* withoutFirstCodes(blocks: ReturnType<VectorFile['blocks']>) {
  let first = true
  for await (const block of blocks) {
    yield first ? { ...block, codes: null } : block
    first = false
  }
}

beforeAll(async () => {
  await makeSpace(database.store, { dims })
  await makeIndex(database.store)
})

describe('loadVectors', () => {
  it('writes keys into the key column of the index, and refuses another column', async () => {
    const { store } = database
    await store.pool.query(
      `create table two_keys (a int unique not null, b int unique not null generated always as identity, v vector(${dims}))`,
    )
    await store.pool.query(`select lsh.create_index('two_keys', 'v', 'made', key_column => 'a')`)
    await expect(
      loadVectors(store, 'two_keys', await openVectors(await file()), { key: 'b' }),
    ).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringMatching(
        /identifies rows of two_keys by column "a", but the file by "b"/,
      ),
      hint: expect.stringMatching(/--key-column a/),
    })
    await loadVectors(store, 'two_keys', await openVectors(await file()))
    const { rows } = await store.pool.query(`select * from lsh.verify_index('two_keys')`)
    expect(rows).toEqual([])
  })

  it('writes rows and the codes of every index, and leaves the triggers enabled', async () => {
    const { store } = database
    await makeTable('fresh')
    const clean = (await stateOf('fresh')).wrong
    const loaded = await loadVectors(store, 'fresh', await openVectors(await file()))
    expect(loaded).toEqual({ rows: 500, standing: 0, indexes: ['fresh_trigger', 'fresh_loader'] })
    const { rows } = await store.pool.query<{ v: Float32Array }>('select v from fresh order by id')
    expect(rows.map(({ v }) => v)).toEqual(vectors)
    for (const how of ['trigger', 'loader']) {
      const codes = await store.pool.query(
        `select count(*)::int as codes, count(*) filter (where
           (lsh.encode('made', v))::text <> code::text)::int as differing
         from fresh join lsh_index.fresh_${how} on key = id`,
      )
      expect(codes.rows).toEqual([{ codes: 500, differing: 0 }])
    }
    await store.pool.query(`insert into fresh select 1000, v from fresh where id = 1`)
    const after = await store.pool.query('select from lsh_index.fresh_trigger where key = 1000')
    expect(after.rowCount).toBe(1)
    await store.pool.query('delete from fresh where id = 1000')
    expect(await stateOf('fresh')).toEqual({ rows: 500, wrong: clean })
  })

  it('keeps existing rows, or replaces them together with their codes', async () => {
    const { store } = database
    await makeTable('again')
    await loadVectors(store, 'again', await openVectors(await file(vectors.slice(0, 300))))
    const clean = (await stateOf('again')).wrong
    const others = vectors.map((vector) => vector.map((value) => value + 1))
    const kept = await loadVectors(store, 'again', await openVectors(await file(others)))
    expect(kept).toMatchObject({ rows: 200, standing: 300 })
    expect(await stateOf('again')).toEqual({ rows: 500, wrong: clean })
    const first = async () =>
      (await store.pool.query<{ v: Float32Array }>('select v from again where id = 0')).rows[0]?.v
    expect(await first()).toEqual(vectors[0])
    const replaced = await loadVectors(store, 'again', await openVectors(await file(others)), {
      standing: 'replace',
    })
    expect(replaced).toMatchObject({ rows: 500, standing: 500 })
    expect(await first()).toEqual(others[0])
    expect(await stateOf('again')).toEqual({ rows: 500, wrong: clean })
  })

  it('writes nothing of a file if one of its rows is refused', async () => {
    const { store } = database
    await makeTable('refused')
    const path = join(await temporaryFolder(), 'x.ndjson')
    // The last row lies in the tenth block, when the first blocks are already in the table.
    const lines = Array.from({ length: 20_000 - 1 }, (_, id) =>
      JSON.stringify({ key: id, embedding: [...(vectors[id % 500] as Float32Array)] }),
    )
    await writeFile(path, [...lines, '{"key": 20000, "embedding": "none"}'].join('\n'))
    await expect(loadVectors(store, 'refused', await openVectors(path))).rejects.toMatchObject({
      code: 'bad_input',
    })
    expect((await stateOf('refused')).rows).toBe(0)
    await store.pool.query(`insert into refused values (1, '${JSON.stringify([...vectors[0]!])}')`)
    const codes = await store.pool.query('select from lsh_index.refused_trigger')
    expect(codes.rowCount).toBe(1)
  })

  it('writes nothing if the codes of the second block are refused while the first is being written', async () => {
    const { store } = database
    await makeTable('astray')
    const folder = await temporaryFolder()
    const count = 16384 + 10
    const all = Array.from({ length: count }, (_, i) => [...(vectors[i % 500] as Float32Array)])
    const buckets = new Int32Array(count)
    buckets[count - 1] = -1
    await writeFile(join(folder, 'x.npy'), npyBytes(Float32Array.from(all.flat()), [count, dims]))
    await writeFile(join(folder, 'c.npy'), npyBytes(new Uint8Array(8 * count), [count, 8]))
    await writeFile(join(folder, 'b.npy'), npyBytes(buckets, [count]))
    const beside = { codes: join(folder, 'c.npy'), buckets: join(folder, 'b.npy') }
    const file = await openVectors(join(folder, 'x.npy'), beside)
    // The first block has no codes, so that only those of the second can be refused.
    const blind = { ...file, blocks: () => withoutFirstCodes(file.blocks()) }
    await expect(loadVectors(store, 'astray', blind)).rejects.toMatchObject({ code: 'LSH02' })
    expect((await stateOf('astray')).rows).toBe(0)
  })

  it('refuses other dimensions, an unknown table and a table without vectors', async () => {
    const { store } = database
    await makeTable('odd')
    const path = join(await temporaryFolder(), 'x.npy')
    await writeFile(path, npyBytes(new Float32Array(6), [2, 3]))
    const three = await openVectors(path)
    await expect(loadVectors(store, 'odd', three)).rejects.toMatchObject({ code: 'LSH02' })
    await expect(loadVectors(store, 'nowhere', three)).rejects.toThrow(/"nowhere" does not exist/)
    await expect(loadVectors(store, 'cbir.patient', three)).rejects.toThrow(
      /0 columns of type vector/,
    )
  })

  it('reads packed codes from a file of their own', async () => {
    const { store } = database
    await makeTable('packed')
    const folder = await temporaryFolder()
    const { rows } = await store.pool.query<{ v: string; code: string; bucket: number }>(
      'select embedding::text as v, code::text as code, bucket from space.made join lsh_index.made on key = item_id order by key',
    )
    const numbers = rows.flatMap(({ v }) => JSON.parse(v) as number[])
    const bytes = rows.flatMap(({ code }) => [...codeFromText(code).bytes])
    const files = {
      'x.npy': npyBytes(Float32Array.from(numbers), [rows.length, dims]),
      'c.npy': npyBytes(Uint8Array.from(bytes), [rows.length, bytes.length / rows.length]),
      'b.npy': npyBytes(
        Int32Array.from(rows, ({ bucket }) => bucket),
        [rows.length],
      ),
    }
    for (const [name, content] of Object.entries(files))
      await writeFile(join(folder, name), content)
    const [path = '', codes = '', buckets = ''] = Object.keys(files).map((name) =>
      join(folder, name),
    )
    await loadVectors(store, 'packed', await openVectors(path, { codes, buckets }))
    expect(await stateOf('packed')).toMatchObject({ rows: rows.length })
    const stored = await store.pool.query<{ code: string; bucket: number }>(
      'select code::text as code, bucket from lsh_index.packed_loader order by key',
    )
    expect(stored.rows).toEqual(rows.map(({ code, bucket }) => ({ code, bucket })))
  })

  it('allows two loaders of one file, with each row loaded once', async () => {
    const { store } = database
    if (store.engine === 'embedded') return
    await makeTable('twice')
    const path = await file()
    const both = await Promise.all(
      [1, 2].map(async () => loadVectors(store, 'twice', await openVectors(path))),
    )
    expect(both.map(({ rows }) => rows).sort()).toEqual([0, 500])
    expect((await stateOf('twice')).rows).toBe(500)
  })
})

describe.each(['ndjson', 'parquet'] as const)('a %s export', (format) => {
  it('is restored by loadVectors with features and codes, bit for bit', async () => {
    const { store } = database
    const folder = await temporaryFolder()
    const files = await exportDataset(store, 'made', { spaces: ['made'], format, folder })
    expect(files.map(({ rows }) => rows)).toEqual([12, 12, 120, 120])
    const back = `back_${format}`
    await createVectorTable(store, back, { key: 'id', keyType: 'bigint', vector: 'v', dims })
    await store.pool.query(`select lsh.create_index('${back}', 'v', 'made', '${back}')`)
    const space = await openVectors(join(folder, `made.${format}`), { key: 'item_id' })
    expect(await loadVectors(store, back, space)).toMatchObject({ rows: 120 })
    const { rows } = await store.pool.query(
      `select count(*)::int as rows,
         count(*) filter (where v is distinct from embedding)::int as features,
         count(*) filter (where (new.bucket, new.code, new.norm, new.scale)
           is distinct from (old.bucket, old.code, old.norm, old.scale))::int as codes
       from ${back}
         join space.made on item_id = id
         join lsh_index.${back} as new on new.key = id
         join lsh_index.made as old on old.key = id`,
    )
    expect(rows).toEqual([{ rows: 120, features: 0, codes: 0 }])
  })

  it('is refused if its codes belong to another family', async () => {
    const { store } = database
    const folder = await temporaryFolder()
    await exportDataset(store, 'made', { spaces: ['made'], format, folder })
    const other = `other_${format}`
    await store.pool.query(
      `select lsh.create_family($1, 'space.made', 'embedding', bits => 64, bucket_bits => 3, seed => 9)`,
      [other],
    )
    await createVectorTable(store, other, { key: 'id', keyType: 'bigint', vector: 'v', dims })
    await store.pool.query(`select lsh.create_index('${other}', 'v', '${other}', '${other}')`)
    const load = async (codes: boolean) =>
      loadVectors(
        store,
        other,
        await openVectors(join(folder, `made.${format}`), { key: 'item_id' }),
        { codes },
      )
    await expect(load(true)).rejects.toMatchObject({ code: 'LSH02' })
    expect(await load(false)).toMatchObject({ rows: 120 })
  })
})

describe('loadVectors of a file that does not fit its table', () => {
  it.each(['keep', 'replace'] as const)(
    'reports two rows with the same key in any blocks before it writes, also if the table has the key (%s)',
    async (standing) => {
      const { store } = database
      const table = `doubled_${standing}`
      await makeTable(table)
      await loadVectors(store, table, await openVectors(await file(vectors.slice(0, 10))))
      const state = await stateOf(table)
      // Three blocks, so that the check against the table needs more than one transaction.
      const keys = Array.from({ length: 5000 }, (_, i) => 5000 - i)
      keys[4900] = 5
      const rows = keys.map((key, i) =>
        JSON.stringify({ key, embedding: [...(vectors[i % 500] as Float32Array)] }),
      )
      const path = join(await temporaryFolder(), 'x.ndjson')
      await writeFile(path, rows.join('\n'))
      await expect(
        loadVectors(store, table, await openVectors(path), { standing }),
      ).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringMatching(
          /x\.ndjson rows 4901 and 4996 have the same key, 5$/,
        ) as string,
      })
      expect(await stateOf(table)).toEqual(state)
    },
  )

  it('reports the rows that share a key, and the key only if it is a number', async () => {
    const { store } = database
    await store.pool.query('create table doubled (id int primary key, v vector(2))')
    const path = join(await temporaryFolder(), 'x.ndjson')
    const lines = [4, 5, 6, 5].map((key) => JSON.stringify({ key, embedding: [1, key] }))
    await writeFile(path, lines.join('\n'))
    await expect(loadVectors(store, 'doubled', await openVectors(path))).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(/x\.ndjson rows 2 and 4 have the same key, 5$/) as string,
    })
    await store.pool.query('create table doubled_named (id text primary key, v vector(2))')
    const named = lines.map((line) => line.replace(/"key":(\d)/, '"key":"Meier $1"'))
    await writeFile(path, named.join('\n'))
    const refused = loadVectors(store, 'doubled_named', await openVectors(path))
    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(/rows 2 and 4 have the same key$/) as string,
    })
  })

  it('names file and column if dimensions differ, also without an index', async () => {
    const { store } = database
    await store.pool.query('create table narrow (id int primary key, v vector(2))')
    await expect(loadVectors(store, 'narrow', await openVectors(await file()))).rejects.toThrow(
      /x\.npy has 8 dimensions, but column "v" of narrow has 2/,
    )
    await store.pool.query('create table any_dims (id int primary key, v vector)')
    const loaded = await loadVectors(store, 'any_dims', await openVectors(await file()))
    expect(loaded.rows).toBe(vectors.length)
  })

  it.each(['vector(8)', 'vector'])(
    'refuses other dimensions for a column %s even if the table has all keys',
    async (type) => {
      const { store } = database
      const table = type === 'vector' ? 'all_there_open' : 'all_there'
      await store.pool.query(`create table ${table} (id int primary key, v ${type})`)
      await loadVectors(store, table, await openVectors(await file()))
      const path = join(await temporaryFolder(), 'x.npy')
      await writeFile(path, npyBytes(new Float32Array(30), [10, 3]))
      await expect(loadVectors(store, table, await openVectors(path))).rejects.toMatchObject({
        code: 'LSH02',
        message: expect.stringMatching(/has 3 dimensions, .* 8$/) as string,
      })
    },
  )

  it('refuses a file whose later rows have other dimensions, even if the table has their keys', async () => {
    const { store } = database
    await store.pool.query('create table turned (id int primary key, v vector(2))')
    await store.pool.query(
      `insert into turned select i, '[1,2]' from generate_series(0, 4000) as i`,
    )
    const path = join(await temporaryFolder(), 'x.ndjson')
    // A new block begins where the dimensions change.
    const lines = Array.from({ length: 2048 + 5 }, (_, key) =>
      JSON.stringify({ key, embedding: key < 2048 ? [1, 2] : [1, 2, 3] }),
    )
    await writeFile(path, lines.join('\n'))
    await expect(loadVectors(store, 'turned', await openVectors(path))).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(
        /x\.ndjson rows 2049 to 2053 have 3 dimensions, .* 2$/,
      ) as string,
    })
  })

  it('reports progress of each row once, including rows that are kept', async () => {
    const { store } = database
    await store.pool.query('create table told (id int primary key, v vector(8))')
    await loadVectors(store, 'told', await openVectors(await file(vectors.slice(0, 200))))
    let rows = 0
    const onProgress = (more: number) => (rows += more)
    await loadVectors(store, 'told', await openVectors(await file()), { onProgress })
    expect(rows).toBe(vectors.length)
  })
})
