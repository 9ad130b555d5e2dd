import { kindOf } from '../core/arguments.js'
import { LshError } from '../core/errors.js'

/** @throws LshError `bad_usage` unless it is a distance: a number that is at least 0 */
export function assertRadius(radius: unknown): void {
  if (typeof radius === 'number' && radius >= 0) return
  throw new LshError(
    'bad_usage',
    `the radius is not a distance, but ${typeof radius === 'number' ? radius : kindOf(radius)}`,
    { hint: 'Give a Euclidean distance of at least 0: { radius: 0.05 }.' },
  )
}
