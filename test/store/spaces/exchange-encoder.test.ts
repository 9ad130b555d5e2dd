import { beforeAll, describe, expect, it } from 'vitest'
import type { PackedEncoder } from '../../../src/encode/trained/encoder-folder.js'
import type { TrainedEncoder } from '../../../src/encode/trained/trained-encoder.js'
import { listEncoders } from '../../../src/store/spaces/encoder-list.js'
import { addEncoder, readEncoder } from '../../../src/store/spaces/encoders.js'
import { addPackedEncoder, packEncoder } from '../../../src/store/spaces/exchange-encoder.js'
import { encodeSpace } from '../../../src/store/encode/features.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { onlyDataset, patientsOf, queryItems } from '../../../src/store/plans/patients.js'
import { openTestDatabase, useTestDatabase } from '../../database.js'
import { smallPlan } from '../plans/small-plan.js'
import { smallEncoder } from '../encode/trained.js'

const database = useTestDatabase()
let trained: TrainedEncoder
let packed: PackedEncoder

beforeAll(async () => {
  const { store } = database
  trained = await smallEncoder()
  for (const number of [1, 2, 3]) await loadPlan(store, 'made', smallPlan({ number }))
  const [first, second] = await patientsOf(store, 'made')
  await store.transaction((transaction) =>
    addEncoder(transaction, trained, {
      name: 'small',
      dataset: 'made',
      trainedOn: [first!.id, second!.id],
    }),
  )
  packed = await packEncoder(store, 'small')
})

describe('listEncoders', () => {
  it('lists kind and origin of encoders, without their weights', async () => {
    const { topology: _, weightSpecs: __, weights, featureLayer: ___, ...rest } = trained
    expect(await listEncoders(database.store)).toEqual([
      {
        ...rest,
        name: 'small',
        dataset: 'made',
        patients: 2,
        epochs: trained.history.length,
        bytes: weights.length,
      },
    ])
  })
})

describe('packEncoder', () => {
  it('identifies patients by data set and pseudonym', () => {
    expect(packed).toEqual({
      name: 'small',
      dataset: 'made',
      patients: [
        { dataset: 'made', pseudonym: 'pt_1' },
        { dataset: 'made', pseudonym: 'pt_2' },
      ],
      trained,
    })
  })
})

describe('addPackedEncoder', () => {
  it('excludes its training patients from the queries, also those loaded later', async () => {
    const other = await openTestDatabase()
    try {
      const { store } = other
      // The keys differ from those of the source database.
      for (const number of [9, 3, 2]) await loadPlan(store, 'made', smallPlan({ number }))
      const added = await addPackedEncoder(store, packed)
      expect(added).toEqual({ name: 'small', patients: 2, unknownPatients: 1 })
      expect(await readEncoder(store, 'small')).toEqual(trained)
      expect(await onlyDataset(store)).toBe('made')
      expect((await patientsOf(store, 'made')).length).toBe(3)
      await loadPlan(store, 'made', smallPlan({ number: 1 }))
      expect(await encodeSpace(store, 'small')).toBe(16)
      const items = await queryItems(store, 'small', { queries: 100 })
      const asked = await store.db
        .selectFrom('cbir.slices')
        .select('patient')
        .distinct()
        .where('item_id', 'in', items)
        .orderBy('patient')
        .execute()
      expect(asked.map(({ patient }) => patient)).toEqual(['pt_3', 'pt_9'])
      expect(await packEncoder(store, 'small')).toEqual(packed)
    } finally {
      await other.close()
    }
  })

  it('accepts another name, and refuses one that is in use', async () => {
    const { store } = database
    await expect(addPackedEncoder(store, packed)).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringContaining('"small"'),
      hint: expect.stringContaining('--name'),
    })
    const added = await addPackedEncoder(store, packed, { name: 'again' })
    expect(added).toEqual({ name: 'again', patients: 2, unknownPatients: 0 })
    expect(await encodeSpace(store, 'again')).toBe(12)
  })

  it('does not count a data set that contains only training patients of an encoder', async () => {
    const { store } = database
    const patients = [{ dataset: 'elsewhere', pseudonym: 'a' }]
    await addPackedEncoder(store, { ...packed, patients }, { name: 'foreign' })
    expect(await onlyDataset(store)).toBe('made')
  })
})
