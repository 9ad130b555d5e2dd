import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Split } from '../../../src/core/plan.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { patientsOf, queryItems, splitPatients } from '../../../src/store/plans/patients.js'
import { createJointSpace } from '../../../src/store/spaces/spaces.js'
import { encodeSpace } from '../../../src/store/encode/features.js'
import { useTestDatabase } from '../../database.js'
import { makeSpace } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()

const cohort = fc
  .array(fc.constantFrom<Split>('train', 'train', 'test', null), { minLength: 3, maxLength: 60 })
  .map((splits) => splits.map((split, i) => ({ id: 10 * i + 3, split })))
  .filter((patients) => patients.filter(({ split }) => split !== 'test').length >= 3)

describe('splitPatients', () => {
  it('assigns every patient to one part, none of which is empty', () => {
    fc.assert(
      fc.property(cohort, fc.integer(), (patients, seed) => {
        const { train, validation, test } = splitPatients(patients, seed)
        const all = [...train, ...validation, ...test].sort((a, b) => a - b)
        expect(all).toEqual(patients.map(({ id }) => id))
        for (const part of [train, validation, test]) expect(part.length).toBeGreaterThan(0)
      }),
      { seed: 20250103 },
    )
  })

  it('uses exactly the test patients of the source as queries, if it names any', () => {
    fc.assert(
      fc.property(cohort, fc.integer(), (patients, seed) => {
        const named = patients.filter(({ split }) => split === 'test').map(({ id }) => id)
        fc.pre(named.length > 0)
        expect(splitPatients(patients, seed).test).toEqual(named)
      }),
      { seed: 20250104 },
    )
  })

  it.each<[string, Split | null, number]>([
    ['test', 'test', 0],
    ['test but for one', 'test', 1],
    ['train', 'train', 0],
  ])('holds patients out by seed if nearly all have the same split: %s', (_, split, others) => {
    const patients = Array.from({ length: 24 }, (__, id) => ({
      id,
      split: id < others ? ('train' as const) : split,
    }))
    const { train, validation, test, named } = splitPatients(patients, 3)
    expect([train.length, validation.length, test.length]).toEqual([17, 3, 4])
    expect(named).toBe(false)
    expect(splitPatients(patients, 4).test).not.toEqual(test)
  })

  it('depends only on the seed', () => {
    const patients = Array.from({ length: 24 }, (_, i) => ({ id: i, split: null }))
    expect(splitPatients(patients, 7)).toEqual(splitPatients(patients, 7))
    const tests = [1, 2, 3, 4, 5].map((seed) => splitPatients(patients, seed).test.join())
    expect(new Set(tests).size).toBeGreaterThan(1)
    expect(splitPatients(patients, 7)).toMatchObject({
      test: { length: 4 },
      validation: { length: expect.any(Number) },
    })
    expect(splitPatients(patients, 7).validation).toHaveLength(3)
  })

  it.each([0, 1, 2])('refuses to split %i patients', (count) => {
    const patients = Array.from({ length: count }, (_, id) => ({ id, split: null }))
    expect(() => splitPatients(patients)).toThrow(
      expect.objectContaining({ code: 'LSH03', message: expect.stringContaining(`${count} `) }),
    )
  })
})

describe('patientsOf', () => {
  it('returns the patients of a data set who have plans', async () => {
    const { store } = database
    await loadPlan(store, 'named', smallPlan({ number: 2, split: 'test' }))
    await loadPlan(store, 'named', smallPlan({ number: 1 }))
    await loadPlan(store, 'another', smallPlan({ number: 3 }))
    await store.db
      .insertInto('cbir.patient')
      .values({ dataset: 'named', pseudonym: 'without-plan', split: null })
      .execute()
    const patients = await patientsOf(store, 'named')
    expect(patients.map(({ split }) => split)).toEqual(['train', 'test'])
  })

  it('says how to load a data set without plans', async () => {
    await expect(patientsOf(database.store, 'nothing')).rejects.toMatchObject({
      code: 'LSH03',
      message: expect.stringContaining('"nothing"'),
      hint: expect.stringContaining('pg-lsh load'),
    })
  })
})

// The second test continues after the first.
describe('queryItems', () => {
  it('never returns a slice of a training patient of an encoder of the space', async () => {
    const { store } = database
    const items = await makeSpace(store, { space: 'alpha', dataset: 'queried', seen: 5 })
    const patients = [...new Set(items.map(({ patient }) => patient))]
    const unseen = items.filter(({ patient }) => patients.indexOf(patient) >= 5)
    const all = await queryItems(store, 'alpha', { queries: 10_000 })
    expect(all).toEqual(unseen.map(({ item }) => item))

    // A joint space leaves out the training patients of both of its parts.
    await makeSpace(store, { space: 'beta', dataset: 'queried', seen: 8 })
    await createJointSpace(store, 'both', [
      { space: 'alpha', weight: 1 },
      { space: 'beta', weight: 1 },
    ])
    await encodeSpace(store, 'both')
    const joint = await queryItems(store, 'both', { queries: 10_000 })
    const fewer = items.filter(({ patient }) => patients.indexOf(patient) >= 8)
    expect(joint).toEqual(fewer.map(({ item }) => item))
  })

  it('selects the requested number of items by seed, in the order of their keys', async () => {
    const { store } = database
    const choose = (seed: number) => queryItems(store, 'alpha', { queries: 15, seed })
    const chosen = await choose(1)
    expect(chosen).toHaveLength(15)
    expect(new Set(chosen).size).toBe(15)
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b))
    expect(await choose(1)).toEqual(chosen)
    expect(await choose(2)).not.toEqual(chosen)
  })
})
