import type { BenchOptions } from '../../src/cli/bench-result.js'
import { LshError } from '../../src/core/errors.js'
import { QUERIES } from './datasets/dataset.js'

/** @throws LshError `bad_usage` for options that do not go together. */
export function assertOptions(
  options: Pick<BenchOptions, 'queries' | 'smallCache' | 'reuse'>,
): void {
  if (options.queries > QUERIES) {
    throw new LshError('bad_usage', `there are ${QUERIES} queries, not ${options.queries}`, {
      hint: `Leave --queries out, or give at most ${QUERIES}.`,
    })
  }
  if (options.smallCache && !options.reuse) {
    throw new LshError('bad_usage', '--small-cache measures tables that are there already', {
      hint: 'Build them with --reuse, start the server again with little memory, then add --small-cache.',
    })
  }
}
