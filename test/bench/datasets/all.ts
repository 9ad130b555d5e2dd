import { LshError } from '../../../src/core/errors.js'
import type { Dataset } from './dataset.js'
import { glove } from './glove.js'
import { manifold1m } from './manifold-1m.js'
import { manifold768 } from './manifold-768.js'
import { mednist } from './mednist.js'

export const datasets: readonly Dataset[] = [glove, mednist, manifold1m, manifold768]

/** @throws LshError `bad_usage` for a name that no data set has. */
export function datasetNamed(name: string): Dataset {
  const found = datasets.find((dataset) => dataset.name === name)
  if (found) return found
  throw new LshError('bad_usage', `there is no data set "${name}"`, {
    hint: `Use one of ${datasets.map((dataset) => dataset.name).join(', ')}.`,
  })
}
