import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { plansElsewhere } from '../../../src/store/plans/plans-elsewhere.js'
import { useTestDatabase } from '../../database.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()

describe('plansElsewhere', () => {
  it('counts, for each other data set, the plans with the same files', async () => {
    const { store } = database
    const load = async (dataset: string, numbers: readonly number[], version = 1) => {
      for (const number of numbers) await loadPlan(store, dataset, smallPlan({ number, version }))
    }
    await load('a', [1, 2, 3])
    await load('b', [2, 3, 4])
    await load('c', [1], 2)
    const keys = [1, 2, 3, 4].map((number) => `made/pt_${number}`)
    expect(await plansElsewhere(store, 'b', keys)).toEqual([{ dataset: 'a', plans: 2 }])
    expect(await plansElsewhere(store, 'b', keys.slice(0, 2))).toEqual([{ dataset: 'a', plans: 1 }])
    expect(await plansElsewhere(store, 'c', keys)).toEqual([])
    await load('d', [1, 2])
    expect(await plansElsewhere(store, 'a', keys)).toEqual([
      { dataset: 'b', plans: 2 },
      { dataset: 'd', plans: 2 },
    ])
  })
})
