import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openBudget } from '../../src/core/budget.js'

it('openBudget starts work while the limit allows it, and runs work larger than the limit alone', async () => {
  const budget = openBudget(10)
  let [spent, most] = [0, 0]
  const work = (cost: number) =>
    budget.run(cost, async () => {
      spent += cost
      most = Math.max(most, spent)
      await setImmediate()
      spent -= cost
      return cost
    })
  expect(await Promise.all([6, 4, 5, 1, 3].map(work))).toEqual([6, 4, 5, 1, 3])
  expect(most).toBe(10)
  most = 0
  expect(await Promise.all([4, 25, 4].map(work))).toEqual([4, 25, 4])
  expect(most).toBe(25)
})

it('openBudget releases the budget of work that failed', async () => {
  const budget = openBudget(1)
  await expect(budget.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await budget.run(1, () => Promise.resolve(7))).toBe(7)
})
