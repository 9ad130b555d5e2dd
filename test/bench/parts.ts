import { random } from '../../src/core/random.js'

/** Values of the column `part`, which conditions are about: 0 to 999, at random, the same for a row of every size. */
export const PARTS = 1000

const SEED = 9

/** The value of each row. */
export function partsOf(rows: number): Uint16Array {
  const source = random(SEED)
  return Uint16Array.from({ length: rows }, () => source.integer(0, PARTS - 1))
}
