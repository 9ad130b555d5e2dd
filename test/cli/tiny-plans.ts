import { join } from 'node:path'
import { writeOpenKbp } from '../../src/ingest/openkbp/writer.js'
import { tinyVolume } from '../ingest/fixtures.js'

/** Writes plans of two slices each, all of them different. */
export async function writeTinyPlans(tree: string, plans: number): Promise<void> {
  for (let number = 1; number <= plans; number++)
    await writeOpenKbp(
      tinyVolume({ k: 40 + (number % 60), gy: 50 + number / 4 }),
      join(tree, 'train-pats', `pt_${number}`),
    )
}
