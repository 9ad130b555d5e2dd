import { expect, test } from 'vitest'
import { readDamaged } from './damage.js'

test('damaged objects of a plan are read or refused without naming the patient', async () => {
  const { read, refused } = await readDamaged(400, 1)
  expect(read).toBeGreaterThan(50)
  expect(refused).toBeGreaterThan(50)
  expect(read! + refused!).toBe(400)
})
