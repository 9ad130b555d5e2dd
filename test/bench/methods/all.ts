import { LshError } from '../../../src/core/errors.js'
import { binaryQuantize } from './binary-quantize.js'
import { exact } from './exact.js'
import { hnsw } from './hnsw.js'
import { ivfflat } from './ivfflat.js'
import type { Method } from './method.js'
import { ours } from './ours.js'

/** Name of the method with which latencies are compared. */
export const REFERENCE = 'hnsw-64'

export const methods: readonly Method[] = [
  exact,
  hnsw(64),
  hnsw(128),
  ivfflat,
  binaryQuantize,
  ...ours,
]

/** @throws LshError `bad_usage` for a name that no method has. */
export function methodsNamed(names: readonly string[]): readonly Method[] {
  return names.map((name) => {
    const found = methods.find((method) => method.name === name)
    if (found) return found
    throw new LshError('bad_usage', `there is no method "${name}"`, {
      hint: `Take some of ${methods.map((method) => method.name).join(',')}.`,
    })
  })
}
