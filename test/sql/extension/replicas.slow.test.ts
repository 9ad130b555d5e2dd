import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { onServer } from '../../database.js'
import { rowsOf, valueOf, type Asked } from '../asking.js'
import {
  dropDatabases,
  emptyDatabase,
  machine,
  nameOf,
  program,
  run,
  sharedFolder,
  startProgram,
  url,
  within,
  withExtension,
} from './server.js'
import { fill, findings } from './using.js'

const server = describe.skipIf(machine === null)

afterAll(dropDatabases)

/** Waits until a statement is true. */
async function until(asked: Asked, text: string): Promise<void> {
  while (!(await valueOf(asked, text))) await sleep(50)
}

server('a subscriber of a table and its codes', () => {
  it('finds the same rows as the publisher without hashing anything itself', async () => {
    const [from, to] = [await emptyDatabase(), await emptyDatabase()]
    const slot = `lsh_test_${randomUUID().slice(0, 8)}`
    await withExtension(async () => {
      for (const place of [from, to]) await run(place, 'create extension pg_lsh cascade')
    })
    await within(from, async (publisher) => {
      await fill(publisher)
      await within(to, async (subscriber) => {
        await rowsOf(
          subscriber,
          'create table document (id int primary key, label text, embedding vector(3), constraint a_document unique (label))',
        )
        // The rows of the family are copied by hand.
        for (const table of ['lsh.family', 'lsh.projection']) {
          const rows = await program('psql', ['-X', '-c', `copy ${table} to stdout`, from])
          const input = Buffer.from(rows, 'latin1')
          await program('psql', ['-q', '-X', '-c', `copy ${table} from stdin`, to], { input })
        }
        await rowsOf(
          subscriber,
          `select lsh.create_index('document', 'embedding', 'document', maintain => 'loader')`,
        )
        await rowsOf(publisher, 'create publication whole for table document, lsh_index.document')
        await rowsOf(publisher, `select pg_create_logical_replication_slot('${slot}', 'pgoutput')`)
        const { hostname, port, username } = new URL(url)
        await rowsOf(
          subscriber,
          `create subscription ${slot}
           connection 'host=${hostname} port=${port} user=${username} dbname=${nameOf(from)}'
           publication whole with (create_slot = false, slot_name = '${slot}')`,
        )
        try {
          await rowsOf(publisher, `update document set embedding = '[3,2,1]' where id < 20`)
          await rowsOf(publisher, 'delete from document where id between 20 and 30')
          await rowsOf(publisher, `insert into document values (9999, 'last', '[1,1,1]')`)
          await until(subscriber, 'select exists (select from lsh_index.document where key = 9999)')
          expect(await findings(subscriber)).toEqual(await findings(publisher))
          expect(await valueOf(subscriber, 'select count(*)::int from lsh_index.document')).toBe(
            290,
          )
        } finally {
          await rowsOf(subscriber, `alter subscription ${slot} disable`)
          await rowsOf(subscriber, `alter subscription ${slot} set (slot_name = none)`)
          await rowsOf(subscriber, `drop subscription ${slot}`)
          await until(
            publisher,
            `select not active from pg_replication_slots where slot_name = '${slot}'`,
          )
          await rowsOf(publisher, `select pg_drop_replication_slot('${slot}')`)
        }
      })
    })
  })
})

server('a hot standby', () => {
  it('finds the same rows as its primary, and refuses writes', async () => {
    const from = await emptyDatabase()
    await withExtension(() => run(from, 'create extension pg_lsh cascade'))
    const folder = sharedFolder()
    const port = 55600 + (process.pid % 300)
    const primary = new URL(url)
    try {
      await within(from, async (store) => {
        await fill(store)
        await program('pg_basebackup', [
          '-D',
          `${folder.there}/data`,
          '-R',
          '-X',
          'stream',
          '-c',
          'fast',
          '-h',
          primary.hostname,
          '-p',
          primary.port,
          '-U',
          primary.username,
        ])
        const stop = await startProgram(folder, port)
        try {
          const standby = new URL(from)
          standby.port = String(port)
          await within(standby.toString(), async (other) => {
            await rowsOf(store, `insert into document values (9999, 'last', '[1,1,1]')`)
            await until(other, 'select exists (select from lsh_index.document where key = 9999)')
            expect(await findings(other)).toEqual(await findings(store))
            await expect(
              rowsOf(other, `select lsh.compact_index('document')`),
            ).rejects.toMatchObject({ code: '25006' })
          })
        } finally {
          await stop()
        }
      })
    } finally {
      folder.remove()
    }
    await onServer(url, (client) => client.query('select 1'))
  }, 300_000)
})
