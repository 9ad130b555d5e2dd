import { sql } from 'kysely'
import { describe, expect, inject, it } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { openStore } from '../../../src/store/connection/connect.js'
import { openTestDatabase, useTestDatabase } from '../../database.js'

const database = useTestDatabase()
const onServer = inject('engine') === 'server'

/** The error with which a promise is rejected. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown')
    },
    (error: unknown) => error,
  )
}

describe('a transaction', () => {
  it('commits when its work is done, and returns the result of the work', async () => {
    const { store } = database
    const given = await store.transaction(async ({ db }) => {
      await db.insertInto('cbir.patient').values(patient('committed')).execute()
      return 'given'
    })
    expect(given).toBe('given')
    expect(await pseudonyms()).toContain('committed')
  })

  it('rolls back when its work throws, passes the error on and releases the connection', async () => {
    const { store } = database
    const thrown = new Error('on purpose')
    for (let turn = 0; turn < 25; turn++) {
      const work = store.transaction(async ({ db, copy }) => {
        await db.insertInto('cbir.patient').values(patient('rolled-back')).execute()
        await copy({ table: 'cbir.patient', columns: { dataset: 'text', pseudonym: 'text' } }, [
          ['made', 'copied-and-rolled-back'],
        ])
        throw thrown
      })
      expect(await rejection(work)).toBe(thrown)
    }
    expect((await pseudonyms()).filter((name) => name.includes('rolled'))).toEqual([])
  })

  it('rolls back when the database refuses a statement in it', async () => {
    const { store } = database
    const work = store.transaction(async ({ db }) => {
      await db.insertInto('cbir.patient').values(patient('refused')).execute()
      await sql`select 1 / 0`.execute(db)
    })
    await expect(work).rejects.toMatchObject({ code: '22012' })
    expect(await pseudonyms()).not.toContain('refused')
  })

  it('sees its own rows before they are visible to others', async () => {
    const { store } = database
    await store.transaction(async ({ db, copy }) => {
      await copy({ table: 'cbir.patient', columns: { dataset: 'text', pseudonym: 'text' } }, [
        ['made', 'fresh'],
      ])
      const rows = await db
        .selectFrom('cbir.patient')
        .select('pseudonym')
        .where('pseudonym', '=', 'fresh')
        .execute()
      expect(rows).toHaveLength(1)
      if (onServer) expect(await pseudonyms()).not.toContain('fresh')
    })
    expect(await pseudonyms()).toContain('fresh')
  })

  it('streams rows with a cursor inside and outside of a transaction', async () => {
    const { store } = database
    const numbers = (db: typeof store.db) =>
      db.selectNoFrom(sql<number>`generate_series(1, 5)`.as('number')).stream(2)
    const collected: number[] = []
    for await (const { number } of numbers(store.db)) collected.push(number)
    await store.transaction(async ({ db }) => {
      for await (const { number } of numbers(db)) collected.push(number)
    })
    expect(collected).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
  })
})

describe('openStore', () => {
  it('reads vectors as Float32Array, through Kysely and through the pool', async () => {
    const { store } = database
    const query = `select '[1,-0.1,3e-20]'::vector as vector`
    const expected = Float32Array.of(1, -0.1, 3e-20)
    expect((await store.pool.query(query)).rows).toEqual([{ vector: expected }])
    const { rows } = await sql`select '[1,-0.1,3e-20]'::vector as vector`.execute(store.db)
    expect(rows).toEqual([{ vector: expected }])
  })

  it('reports the engine and the place, and runs no query once closed', async () => {
    const other = await openTestDatabase()
    expect(other.store.engine).toBe(inject('engine'))
    expect(other.store.location).toBe(onServer ? without(other.place) : other.place)
    await other.close()
    await expect(other.store.pool.query('select 1')).rejects.toThrow(/end|closed/i)
  })

  it('names an unreachable server without the password, with a hint', async () => {
    const error = await rejection(openStore('postgres://someone:s3cr3t@127.0.0.1:1/planning'))
    expect(error).toBeInstanceOf(LshError)
    expect(error).toMatchObject({ code: 'database', hint: expect.stringContaining('--db') })
    const { message, hint } = error as LshError
    expect(message).toContain('someone@127.0.0.1:1/planning')
    expect(message + hint).not.toContain('s3cr3t')
  })

  it('hides a password among the parameters of the URL', async () => {
    const error = await rejection(
      openStore('postgres://127.0.0.1:1/planning?user=someone&password=s3cr3t'),
    )
    expect((error as Error).message).not.toContain('s3cr3t')
  })

  it('refuses an invalid URL with an LshError that hides the password', async () => {
    const error = await rejection(openStore('postgres://someone:s3cr3t@host:99999999/x'))
    expect(error).toBeInstanceOf(LshError)
    expect((error as Error).message).not.toContain('s3cr3t')
  })

  it.runIf(onServer)('names the database that does not exist', async () => {
    const place = new URL(database.place)
    place.pathname = '/no_such_database'
    await expect(openStore(place.toString())).rejects.toMatchObject({
      code: 'database',
      message: expect.stringContaining('"no_such_database" does not exist'),
    })
  })

  it.runIf(onServer)('keeps the password out of the location of an open store', async () => {
    const place = new URL(database.place)
    place.password = 's3cr3t'
    const store = await openStore(place.toString())
    await store.close()
    expect(store.location).not.toContain('s3cr3t')
    expect(store.location).toContain(place.pathname)
  })
})

function without(url: string): string {
  const place = new URL(url)
  place.password = ''
  return place.toString()
}

function patient(pseudonym: string) {
  return { dataset: 'made', pseudonym, split: null }
}

async function pseudonyms(): Promise<string[]> {
  const rows = await database.store.db.selectFrom('cbir.patient').select('pseudonym').execute()
  return rows.map((row) => row.pseudonym)
}
