import * as tf from '@tensorflow/tfjs-core'
import { encode as encodePng } from 'fast-png'
import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Plan } from '../../src/core/plan.js'
import { throughWindow, type GreyPicture } from '../../src/ingest/volume/grey-window.js'
import { previewPng } from '../../src/ingest/volume/preview.js'
import { encodeQuery, type EncodedQuery } from '../../src/search/encode-query.js'
import { nearest } from '../../src/search/nearest.js'
import { openSpace } from '../../src/search/open-space.js'
import { createIndex } from '../../src/store/codes/create-index.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { patientsOf } from '../../src/store/plans/patients.js'
import { slicesOf } from '../../src/store/plans/slices.js'
import { createJointSpace } from '../../src/store/spaces/spaces.js'
import { useTestDatabase } from '../database.js'
import { dicomFile } from '../ingest/dicom/bytes.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallEncoder } from '../store/encode/trained.js'

const database = useTestDatabase()
type Tables = Database & { 'space.ct_small': Features; 'space.twice': Features }
let db: Kysely<Tables>
let slices: { item: number; image: { rows: number; columns: number; ct: Int16Array } }[]

/** A plan whose HU lie mostly, but not entirely, within the window of previews. */
function softPlan(number: number): Plan {
  const plan = smallPlan({ number, slices: 6, side: 32 })
  return {
    ...plan,
    slices: plan.slices.map((slice) => ({ ...slice, ct: slice.ct.map((hu) => hu / 3) })),
  }
}

beforeAll(async () => {
  const { store } = database
  db = store.db.withTables<Pick<Tables, 'space.ct_small' | 'space.twice'>>()
  for (let number = 1; number <= 8; number++) await loadPlan(store, 'made', softPlan(number))
  const trained = await smallEncoder()
  await store.transaction((transaction) =>
    addEncoder(transaction, trained, { name: 'ct_small', dataset: 'made', trainedOn: [] }),
  )
  slices = []
  const patients = (await patientsOf(store, 'made')).map(({ id }) => id)
  for await (const batch of slicesOf(store, patients)) slices.push(...batch)
  await encodeSpace(store, 'ct_small')
  await createJointSpace(store, 'twice', [
    { space: 'ct_small', weight: 1 },
    { space: 'ct_small', weight: 0.5 },
  ])
  await encodeSpace(store, 'twice')
  for (const space of ['ct_small', 'twice']) await createIndex(store, space)
})

/** An 8-bit PNG of a picture, twice as high and twice as wide. */
function twiceAsLarge({ rows, columns, grey }: GreyPicture): Uint8Array {
  const data = new Uint8Array(4 * grey.length)
  for (let row = 0; row < 2 * rows; row++)
    for (let column = 0; column < 2 * columns; column++)
      data[row * 2 * columns + column] = Math.round(
        255 * grey[(row >> 1) * columns + (column >> 1)]!,
      )
  return encodePng({ width: 2 * columns, height: 2 * rows, data, depth: 8, channels: 1 })
}

async function nearestItem(space: 'ct_small' | 'twice', image: Parameters<typeof encodeQuery>[2]) {
  return nearestTo(await encodeQuery(db, space, image), space)
}

async function nearestTo(query: EncodedQuery, space: 'ct_small' | 'twice' = 'ct_small') {
  const rows = await nearest(db, `space.${space}`, { to: query, k: 2 })
    .select(['near.item_id', 'near.distance'])
    .execute()
  expect(rows).toHaveLength(2)
  return rows[0]!
}

describe('encodeQuery', () => {
  it.each(['ct_small', 'twice'] as const)(
    'encodes a slice of %s as it is stored, so that the slice finds itself',
    async (space) => {
      for (const { item, image } of slices.filter((_, i) => i % 11 === 0)) {
        const found = await nearestItem(space, image)
        expect(found).toEqual({ item_id: item, distance: expect.closeTo(0, 4) })
      }
    },
  )

  it('reads DICOM and PNG', async () => {
    const { item, image } = slices[17]!
    const { rows, columns, ct } = image
    const file = (orientation: string, pixels: Int16Array) =>
      dicomFile({
        set: {
          '0020,0037': ['DS', orientation],
          '0028,0010': ['US', [rows]],
          '0028,0011': ['US', [columns]],
          '0028,0101': ['US', [16]],
          '0028,0102': ['US', [15]],
        },
        pixels: Array.from(pixels, (hu) => hu + 1024),
      })
    const mirrored = ct.slice().reverse()
    for (const dicom of [file('1\\0\\0\\0\\1\\0', ct), file('-1\\0\\0\\0\\-1\\0', mirrored)]) {
      expect(await nearestItem('ct_small', { dicom })).toEqual({
        item_id: item,
        distance: expect.closeTo(0, 4),
      })
    }
    const sagittal = encodeQuery(db, 'ct_small', {
      dicom: file('0\\1\\0\\0\\0\\-1', ct),
      name: 'a.dcm',
    })
    await expect(sagittal).rejects.toMatchObject({
      code: 'bad_input',
      message: 'a.dcm is not an axial image',
    })
    // With 16 bits over this window, rounding changes a value by less than half a HU.
    const window = { low: -1024, high: 3071 }
    const data = Uint16Array.from(ct, (hu) => ((hu - window.low) / 4095) * 65535)
    const png = encodePng({ width: columns, height: rows, data, depth: 16, channels: 1 })
    const found = await nearestItem('ct_small', { png, window })
    expect(found).toEqual({ item_id: item, distance: expect.closeTo(0, 1) })
  })

  it('finds the slice of a preview, and reports the window that the file names', async () => {
    let found = 0
    for (const { item, image } of slices) {
      const query = await encodeQuery(db, 'ct_small', { png: previewPng(image) })
      expect(query.window).toEqual({ low: -160, high: 240, from: 'file' })
      if ((await nearestTo(query)).item_id === item) found++
    }
    expect(found).toBeGreaterThanOrEqual(0.95 * slices.length)
  })

  it('finds the slice of a picture in another window and size, whether the window is estimated or given', async () => {
    const window = { low: -125, high: 225 }
    const asked = slices.filter((_, i) => i % 5 === 0)
    let estimated = 0
    for (const { item, image } of asked) {
      const png = twiceAsLarge(throughWindow(image, window))
      const query = await encodeQuery(db, 'ct_small', { png })
      expect(query.window?.from).toBe('estimated')
      if ((await nearestTo(query)).item_id === item) estimated++
      const told = await encodeQuery(db, 'ct_small', { png, window })
      expect(told.window).toEqual({ ...window, from: 'given' })
      expect((await nearestTo(told)).item_id).toBe(item)
    }
    expect(estimated).toBeGreaterThanOrEqual(0.9 * asked.length)
  })

  it('encodes a picture when the space has no rows to compare it with', async () => {
    const { image } = slices[0]!
    const png = previewPng(image)
    const empty = await db.transaction().execute(async (transaction) => {
      await sql`create temporary table kept as select * from space.ct_small`.execute(transaction)
      await sql`delete from space.ct_small`.execute(transaction)
      const query = await encodeQuery(transaction, 'ct_small', { png })
      await sql`insert into space.ct_small select * from kept`.execute(transaction)
      return query
    })
    expect(empty.vector.every(Number.isFinite)).toBe(true)
  })

  it('computes the stored code, but for a few bits', async () => {
    const { item, image } = slices[20]!
    const { code } = await encodeQuery(db, 'ct_small', image)
    const { rows } = await sql<{ code: typeof code }>`
      select code from lsh_index.ct_small where key = ${item}`.execute(db)
    expect(code.hamming(rows[0]!.code)).toBeLessThan(3)
  })

  it('frees the tensors of a space that is given by its name', async () => {
    const { image } = slices[3]!
    await encodeQuery(db, 'ct_small', image)
    const before = tf.memory().numTensors
    for (let i = 0; i < 3; i++) {
      const query = await db
        .transaction()
        .execute((transaction) => encodeQuery(transaction, 'twice', image))
      const rows = await nearest(db, 'space.twice', { to: query, k: 3 }).selectAll().execute()
      expect(rows).toHaveLength(3)
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('accepts an open space', async () => {
    const space = await openSpace(database.store.db, 'ct_small')
    const query = await encodeQuery(db, space, slices[9]!.image)
    expect(query.index).toBe(space.index)
    await space.close()
  })

  it('refuses an unknown space, an invalid picture and a space without an index', async () => {
    const { image } = slices[0]!
    await expect(encodeQuery(db, 'nope', image)).rejects.toMatchObject({ code: 'LSH01' })
    const { rows, columns } = image
    await expect(encodeQuery(db, 'ct_small', { rows, columns })).rejects.toMatchObject({
      code: 'bad_input',
      message: 'the slice has no ct',
    })
    await expect(
      encodeQuery(db, 'ct_small', { rows, columns, ct: new Int16Array(7) }),
    ).rejects.toMatchObject({ message: 'the ct of the slice has 7 values, not 32 times 32' })
    const png = Uint8Array.of(1, 2, 3)
    await expect(encodeQuery(db, 'ct_small', { png, name: 'a.png' })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('a.png'),
    })
    await sql`select lsh.drop_index('twice')`.execute(db)
    await expect(encodeQuery(db, 'twice', image)).rejects.toMatchObject({ code: 'LSH03' })
  })
})
