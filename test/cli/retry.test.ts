import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, inject, it } from 'vitest'
import { onServer } from '../database.js'
import { temporaryFolder } from '../ingest/fixtures.js'
import { openProxy } from '../store/connection/proxy.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()

async function vectors(rows: number): Promise<string> {
  const path = join(await temporaryFolder(), 'x.ndjson')
  const lines = Array.from({ length: rows }, (_, key) =>
    JSON.stringify({ key, embedding: [key, 1, 2, Math.sin(key)] }),
  )
  await writeFile(path, lines.join('\n'))
  return path
}

/** An ErrorResponse of the protocol: fields that each begin with a letter. */
function refusal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(4 + fields.length, 1)
  return Buffer.concat([head, fields])
}

describe.runIf(inject('engine') === 'server')('--retry', () => {
  it.each([
    ['is away', Buffer.alloc(0), /Connection terminated/],
    [
      'starts',
      refusal('57P03', 'the database system is starting up'),
      /the database system is starting up/,
    ],
    ['has no connection left', refusal('53300', 'sorry, too many clients already'), /too many/],
  ])('waits for a server that %s at the first connection', async (name, words, reason) => {
    const proxy = await openProxy(place.db)
    proxy.closedWith = words
    proxy.refused = 2
    const table = `public.first_${name.replaceAll(' ', '_')}`
    const load = ['load', 'vectors', await vectors(50), '--create', '--table', table, '--json']
    const run = await cli([...load, '--retry', '30'], { place: proxy.url })
    expect(resultOf(run)).toMatchObject({ rows: 50 })
    expect(run.stderr).toMatch(/warning: lost connection to the database: .*; trying again in/)
    expect(run.stderr).toMatch(reason)
  })

  it('gives up at once with 0 seconds, as does a command without the option', async () => {
    const proxy = await openProxy(place.db)
    proxy.cut(60_000)
    const load = ['load', 'vectors', await vectors(5), '--create', '--table', 'public.no']
    for (const args of [
      [...load, '--retry', '0'],
      ['sql', 'select 1'],
    ]) {
      const run = await cli(args, { place: proxy.url })
      expect(run).toMatchObject({ code: 1, stdout: '' })
      expect(run.stderr).toMatch(/^error: no connection to .*\nhint: ./)
    }
  })

  it('does not wait after a permanent error', async () => {
    const proxy = await openProxy(place.db)
    proxy.closedWith = refusal('28P01', 'password authentication failed for user "me"')
    proxy.cut(60_000)
    const load = ['load', 'vectors', await vectors(5), '--create', '--table', 'public.no']
    const run = await cli([...load, '--retry', '30'], { place: proxy.url, killAfter: 15_000 })
    expect(run).toMatchObject({ code: 1 })
    expect(run.stderr).toMatch(/password authentication failed/)
  })

  it('survives the loss of its connections at any moment of a load', async () => {
    const path = await vectors(20_000)
    await place.withStore(async ({ pool }) => {
      await pool.query('create table public.moments (id int primary key, v vector(4))')
      await pool.query(`insert into moments select i, array[i, 1, 2, sin(i)]::vector
        from generate_series(100001, 100200) as i`)
      await pool.query(`select lsh.create_family('moments', 'moments', 'v', bits => 64)`)
      await pool.query(`select lsh.create_index('moments', 'v', 'moments')`)
    })
    for (let kill = 0; kill < 4; kill++) {
      await place.withStore(({ pool }) => pool.query('truncate moments'))
      const main = new URL('../../dist/cli/main.js', import.meta.url).pathname
      const args = ['load', 'vectors', path, '--table', 'public.moments', '--db', place.db]
      const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      let said = ''
      child.stderr.on('data', (text: Buffer) => (said += text.toString()))
      const ended = once(child, 'close')
      await setTimeout(400 + 150 * kill)
      await onServer(place.db, (admin) =>
        admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`),
      )
      expect((await ended)[0], said).toBe(0)
      const { rows } = await place.withStore(({ pool }) =>
        pool.query(`select count(*)::int as rows,
          (select count(*)::int from lsh.verify_index('moments')) as wrong from moments`),
      )
      expect(rows).toEqual([{ rows: 20_000, wrong: 0 }])
    }
  }, 120_000)
})
