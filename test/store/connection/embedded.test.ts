import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { openStore } from '../../../src/store/connection/connect.js'
import { EMBEDDED_MAJOR } from '../../../src/store/connection/data-directory.js'
import { openDatabase } from '../../../src/store/connection/open-database.js'
import { openTestDatabase } from '../../database.js'
import { temporaryFolder } from '../../ingest/fixtures.js'

describe.runIf(inject('engine') === 'embedded')('an embedded database', () => {
  it('can be opened only once at a time, and again after it was closed', async () => {
    const database = await openTestDatabase()
    const { place, store } = database
    await expect(openStore(place)).rejects.toMatchObject({
      name: 'LshError',
      code: 'locked',
      hint: expect.stringContaining(join(place, 'lock')),
    })
    // The refused attempt has not removed the lock.
    await expect(openStore(place)).rejects.toMatchObject({ code: 'locked' })
    expect((await store.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await database.close()
    expect(existsSync(join(place, 'lock'))).toBe(false)
  })

  it('keeps committed data in its directory', async () => {
    const folder = await temporaryFolder()
    const first = await openStore(join(folder, 'db'))
    expect(first).toMatchObject({ engine: 'embedded', location: join(folder, 'db') })
    await first.pool.query('create table kept as select 42 as answer')
    await first.close()
    const second = await openStore(join(folder, 'db'))
    try {
      expect((await second.pool.query('select answer from kept')).rows).toEqual([{ answer: 42 }])
    } finally {
      await second.close()
    }
  })

  it('is created again where an interrupted run left an incomplete one', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'data.new', 'base'), { recursive: true })
    await writeFile(join(folder, 'data.new', 'PG_VERSION'), 'cut o')
    const store = await openStore(folder)
    try {
      expect((await store.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      expect(existsSync(join(folder, 'data'))).toBe(true)
      expect(existsSync(join(folder, 'data.new'))).toBe(false)
    } finally {
      await store.close()
    }
  })

  it('is not created, nor is any folder, if an existing one is required', async () => {
    const folder = join(await temporaryFolder(), 'none')
    await expect(openStore(folder, { create: false })).rejects.toMatchObject({
      name: 'LshError',
      code: 'database',
      message: `there is no database in ${folder}`,
      hint: expect.stringContaining('migrate'),
    })
    await expect(openDatabase({ dataDir: folder })).rejects.toMatchObject({ code: 'database' })
    expect(existsSync(folder)).toBe(false)
  })

  it('has the version of PostgreSQL for which its files are checked', async () => {
    const { store, close } = await openTestDatabase()
    const { rows } = await store.pool.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    )
    expect(rows[0]?.version).toMatch(new RegExp(`^${EMBEDDED_MAJOR}\\.`))
    await close()
  })
})
