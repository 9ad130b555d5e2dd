import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/connection/connect.js'
import { vectorText } from '../../src/store/connection/types.js'
import { clumps } from '../hash/sample.js'
import { argumentsOf, fencedBlocks, pgLshCommands } from './readme.js'
import { cli, useCli } from './run.js'

useCli()
const root = fileURLToPath(new URL('../../', import.meta.url))
const vectors = clumps({ dims: 3, rows: 400, seed: 61 })
let folder: string
const place = (name: string) => join(folder, name)

/** A text of the page with the databases of this test instead of those of the reader. */
const here = (text: string) =>
  text
    .replace(/\{ url: 'postgres:\/\/(\w+)\/app' \}/g, (_, name: string) => {
      return `{ dataDir: ${JSON.stringify(place(name))} }`
    })
    .replace(/postgres:\/\/(\w+)\/app/g, (_, name: string) => place(name))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-shards-'))
  for (const [shard, name] of ['west', 'east'].entries()) {
    expect(await cli(['migrate'], { place: place(name) })).toMatchObject({ code: 0 })
    const store = await openStore(place(name))
    await store.pool.query(
      `create table document (id int primary key, language text not null, embedding vector(3) not null)`,
    )
    const keys = vectors.map((_, key) => key).filter((key) => key % 2 === shard)
    await store.pool.query(
      `insert into document select * from unnest($1::int[], $2::text[], $3::text[]::vector[]) as row`,
      [
        keys,
        keys.map((key) => ['en', 'de'][key % 3 === 0 ? 0 : 1]),
        keys.map((key) => vectorText(vectors[key] as Float32Array)),
      ],
    )
    if (shard === 0)
      await store.pool.query(
        `select lsh.create_family('document', 'document', 'embedding', bits => 32)`,
      )
    await store.close()
  }
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('docs/beyond-one-machine.md', () => {
  it('has commands that copy a family, and a program that searches two databases with it', async () => {
    const page = await readFile(join(root, 'docs/beyond-one-machine.md'), 'utf8')
    const blocks = fencedBlocks(page)
    const commands = pgLshCommands(blocks).filter(({ command }) => command.includes('family'))
    expect(commands).toHaveLength(2)
    for (const { command } of commands)
      for (const args of await argumentsOf(here(command)))
        expect(await cli(args, { cwd: folder })).toMatchObject({ code: 0 })
    for (const name of ['west', 'east']) {
      const store = await openStore(place(name))
      await store.pool.query(`select lsh.create_index('document', 'embedding', 'document')`)
      await store.close()
    }
    const programs = blocks.filter(({ language }) => language === 'ts')
    expect(programs).toHaveLength(1)
    const file = join(root, 'dist/beyond-one-machine.mjs')
    const program = here(programs[0]?.text ?? '')
    await writeFile(file, ts.transpile(program, { target: ts.ScriptTarget.ES2022 }))
    const { stdout } = await promisify(execFile)(process.execPath, [file])
    const near = vectors
      .map((vector, id) => ({
        id,
        distance: Math.hypot(vector[0]! - 0.5, vector[1]! - 0.5, vector[2]! - 3),
      }))
      .filter(({ id }) => id % 3 === 0)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 3)
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2).map(Number))
    expect(found).toEqual(near.map(({ id }) => [id, id % 2]))
  }, 200_000)
})
