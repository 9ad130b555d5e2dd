import { expect, test } from 'vitest'
import { readDamaged } from './damage.js'

test(
  '10,000 damaged objects are read or refused without other errors',
  { timeout: 1_800_000 },
  async () => {
    const { read, refused } = await readDamaged(10_000, 2)
    expect(read! + refused!).toBe(10_000)
  },
)
