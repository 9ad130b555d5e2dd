import { CompiledQuery } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEncoder } from '../../../src/encode/encoder.js'
import type { TrainedEncoder } from '../../../src/encode/trained/trained-encoder.js'
import { addEncoder, readEncoder } from '../../../src/store/spaces/encoders.js'
import { phantomFrames } from '../../encode/phantom.js'
import { inTransaction, useTestDatabase } from '../../database.js'
import { madeEncoder } from '../codes/made-space.js'
import { smallEncoder } from '../encode/trained.js'

const database = useTestDatabase()
let trained: TrainedEncoder

beforeAll(async () => {
  trained = await smallEncoder()
  await database.store.transaction((transaction) =>
    addEncoder(transaction, trained, { name: 'small', dataset: 'made', trainedOn: [3, 1, 2] }),
  )
})

describe('addEncoder and readEncoder', () => {
  it('restore every part of a trained encoder', async () => {
    expect(await readEncoder(database.store, 'small')).toEqual(trained)
    await inTransaction(database.store, async (transaction) => {
      const made = madeEncoder(4)
      await addEncoder(transaction, made, { name: 'made', dataset: 'made', trainedOn: [] })
      expect(await readEncoder(transaction, 'made')).toEqual(made)
    })
  })

  it('restore an encoder that encodes the same, bit for bit', async () => {
    const frames = phantomFrames(9, { size: 16, seed: 5 })
    const [before, after] = [
      await openEncoder(trained),
      await openEncoder(await readEncoder(database.store, 'small')),
    ]
    expect(after.encode(frames)).toEqual(before.encode(frames))
    before.close()
    after.close()
  })

  it('create the empty space of the same name, and store the training patients', async () => {
    const { db, pool } = database.store
    const space = await db.selectFrom('cbir.space').selectAll().executeTakeFirstOrThrow()
    const encoder = await db.selectFrom('cbir.encoder').selectAll().executeTakeFirstOrThrow()
    expect(space).toMatchObject({
      name: 'small',
      dims: trained.dims,
      encoder_id: encoder.id,
      parts: null,
    })
    expect(encoder).toMatchObject({ dataset: 'made', trained_on: [3, 1, 2] })
    const { rows } = await pool.query(
      `select count(*)::int as rows,
         (select atttypmod from pg_attribute
          where attrelid = 'space.small'::regclass and attname = 'embedding') as dims
       from space.small`,
    )
    expect(rows).toEqual([{ rows: 0, dims: trained.dims }])
  })

  it('refuse a second encoder of the same name and keep the first', async () => {
    const again = database.store.transaction((transaction) =>
      addEncoder(transaction, madeEncoder(4), { name: 'small', dataset: 'x', trainedOn: [] }),
    )
    await expect(again).rejects.toMatchObject({ code: '23505' })
    expect((await readEncoder(database.store, 'small')).checksum).toBe(trained.checksum)
  })

  it('say how to train an encoder that does not exist', async () => {
    await expect(readEncoder(database.store, 'nobody')).rejects.toMatchObject({
      code: 'LSH01',
      message: 'encoder "nobody" does not exist',
      hint: expect.stringContaining('pg-lsh train --space nobody'),
    })
  })

  it.each([
    ['weights', `set_byte(weights, 100, get_byte(weights, 100) # 1)`],
    ['preprocessing', `jsonb_set(preprocessing, '{high}', '1501')`],
  ])('open no encoder whose %s were changed in the database', async (column, changed) => {
    await inTransaction(database.store, async (transaction) => {
      await transaction.db.executeQuery(
        CompiledQuery.raw(`update cbir.encoder set ${column} = ${changed}`),
      )
      await expect(openEncoder(await readEncoder(transaction, 'small'))).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringContaining('checksum'),
      })
    })
  })
})
