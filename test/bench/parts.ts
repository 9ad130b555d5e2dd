import { random } from '../../src/core/random.js'

/** Number of values of the column `part`: 0 to 999 at random, the same for a row in data sets of every size. */
export const PARTS = 1000

const SEED = 9

/** The value of `part` of each row. */
export function partsOf(rows: number): Uint16Array {
  const source = random(SEED)
  return Uint16Array.from({ length: rows }, () => source.integer(0, PARTS - 1))
}
