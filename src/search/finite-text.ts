import { LshError } from '../core/errors.js'
import { vectorText } from '../store/types.js'

/** A query vector as text. pgvector would refuse NaN and infinite elements too, but without saying what to do. */
export function finiteText(vector: ArrayLike<number>): string {
  const at = Array.prototype.findIndex.call(vector, (value: number) => !Number.isFinite(value))
  if (at === -1) return vectorText(vector)
  throw new LshError('bad_input', `element ${at} of the query vector is ${String(vector[at])}`, {
    hint: 'A query vector holds finite numbers only; check what encoded it.',
  })
}
