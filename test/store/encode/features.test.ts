import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../../src/core/vector.js'
import { openEncoder } from '../../../src/encode/encoder.js'
import { frameAll } from '../../../src/encode/frames/frame.js'
import type { TrainedEncoder } from '../../../src/encode/trained/trained-encoder.js'
import { addEncoder } from '../../../src/store/spaces/encoders.js'
import { encodeSpace, pendingItems } from '../../../src/store/encode/features.js'
import { unpackImage } from '../../../src/store/plans/images.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { createJointSpace } from '../../../src/store/spaces/spaces.js'
import { useTestDatabase } from '../../database.js'
import { makeSpace } from '../codes/made-space.js'
import { smallPlan } from '../plans/small-plan.js'
import { smallEncoder } from './trained.js'

const database = useTestDatabase()
/** More than one batch of 256 slices. */
const slices = 300
let trained: TrainedEncoder

beforeAll(async () => {
  const { store } = database
  trained = await smallEncoder()
  await store.transaction((transaction) =>
    addEncoder(transaction, trained, { name: 'small', dataset: 'made', trainedOn: [] }),
  )
  for (let number = 1; number <= 10; number++)
    await loadPlan(store, 'made', smallPlan({ number, slices: slices / 10 }))
})

async function vectors(space: string): Promise<Map<number, Float32Array>> {
  const { rows } = await sql<{ item_id: number; embedding: Float32Array }>`
    select item_id, embedding from ${sql.id('space', space)} order by item_id`.execute(
    database.store.db,
  )
  return new Map(rows.map((row) => [row.item_id, row.embedding]))
}

// Each test continues after the previous one.
describe('encodeSpace', () => {
  it('keeps committed features when it is stopped, and continues from there', async () => {
    const { store } = database
    const controller = new AbortController()
    const told: number[] = []
    const stopped = encodeSpace(store, 'small', {
      signal: controller.signal,
      onProgress: (items) => {
        told.push(items)
        controller.abort(new Error('stopped on purpose'))
      },
    })
    await expect(stopped).rejects.toThrow('stopped on purpose')
    expect(told).toEqual([256])
    expect((await vectors('small')).size).toBe(256)
    expect(await pendingItems(store, 'small')).toBe(slices - 256)
    expect(await encodeSpace(store, 'small')).toBe(slices - 256)
  })

  it('stores for each slice the features that the encoder computes of its stored image, bit for bit', async () => {
    const { store } = database
    const rows = await store.db
      .selectFrom('cbir.slice')
      .select(['item_id', 'rows', 'columns', 'ct', 'dose', 'dose_unit_gy'])
      .orderBy('item_id')
      .execute()
    const encoder = await openEncoder(trained)
    const codes = encoder.encode(frameAll(rows.map(unpackImage), trained.preprocessing))
    encoder.close()
    const stored = await vectors('small')
    expect([...stored.keys()]).toEqual(rows.map(({ item_id }) => item_id))
    expect(Float32Array.from([...stored.values()].flatMap((vector) => [...vector]))).toEqual(codes)
  })

  it('adds nothing if no features are missing', async () => {
    const before = await vectors('small')
    expect(await encodeSpace(database.store, 'small')).toBe(0)
    expect(await vectors('small')).toEqual(before)
  })

  it('adds only the slices of a new plan, with codes for an index maintained by the loader', async () => {
    const { store } = database
    await sql`select lsh.create_family('kept', 'space.small', 'embedding', bits => 64)`.execute(
      store.db,
    )
    await sql`select lsh.create_index('space.small', 'embedding', 'kept', 'kept', maintain => 'loader')`.execute(
      store.db,
    )
    await loadPlan(store, 'made', smallPlan({ number: 11, slices: 7 }))
    expect(await pendingItems(store, 'small')).toBe(7)
    expect(await encodeSpace(store, 'small')).toBe(7)
    const { rows } = await sql`
      select count(*)::int as codes, count(item_id)::int as features
      from lsh_index.kept left join space.small on item_id = key`.execute(store.db)
    expect(rows).toEqual([{ codes: 7, features: 7 }])
  })

  it('says how to create a space that does not exist', async () => {
    await expect(encodeSpace(database.store, 'nowhere')).rejects.toMatchObject({
      code: 'LSH01',
      hint: expect.stringContaining('pg-lsh train --space nowhere'),
    })
  })
})

describe('a joint space', () => {
  it('concatenates its parts, each divided by its median distance and multiplied by its weight', async () => {
    const { store } = database
    await makeSpace(store, { space: 'left', patients: 5, slices: 6, dims: 3, seed: 4 })
    await makeSpace(store, { space: 'right', patients: 5, slices: 6, dims: 5, seed: 9 })
    await createJointSpace(store, 'joined', [
      { space: 'left', weight: 2 },
      { space: 'right', weight: 0.5 },
    ])
    const [left, right] = [await vectors('left'), await vectors('right')]
    expect(await encodeSpace(store, 'joined')).toBe(left.size)
    const space = await store.db
      .selectFrom('cbir.space')
      .selectAll()
      .where('name', '=', 'joined')
      .executeTakeFirstOrThrow()
    const scales = [medianOf([...left.values()]), medianOf([...right.values()])] as const
    expect(space).toMatchObject({
      dims: 8,
      encoder_id: null,
      parts: [
        { space: 'left', weight: 2, scale: expect.closeTo(scales[0], 5) },
        { space: 'right', weight: 0.5, scale: expect.closeTo(scales[1], 5) },
      ],
    })
    for (const [item, vector] of await vectors('joined')) {
      const expected = [
        ...(left.get(item) as Float32Array).map((value) => (value * 2) / scales[0]),
        ...(right.get(item) as Float32Array).map((value) => (value * 0.5) / scales[1]),
      ]
      expect(vectorDistance(vector, expected)).toBeLessThan(1e-5)
    }
  })

  it('is unchanged when it is created again, and refuses other weights', async () => {
    const { store } = database
    const parts = (weight: number) => [
      { space: 'left', weight },
      { space: 'right', weight: 0.5 },
    ]
    await createJointSpace(store, 'joined', parts(2))
    await expect(createJointSpace(store, 'joined', parts(3))).rejects.toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining(`cbir.drop_space('joined')`),
    })
  })

  it('refuses parts that have no features or do not exist', async () => {
    const { store } = database
    await sql`truncate space.left`.execute(store.db)
    await expect(
      createJointSpace(store, 'hollow', [{ space: 'left', weight: 1 }]),
    ).rejects.toMatchObject({ code: 'LSH03', hint: expect.stringContaining('encode --space left') })
    await expect(
      createJointSpace(store, 'absent', [{ space: 'nowhere', weight: 1 }]),
    ).rejects.toMatchObject({ name: 'LshError' })
  })
})

/** The upper median of the distances of all pairs. */
function medianOf(all: readonly Float32Array[]): number {
  const distances = all.flatMap((a, i) => all.slice(i + 1).map((b) => vectorDistance(a, b)))
  return distances.sort((a, b) => a - b)[distances.length >> 1] as number
}
