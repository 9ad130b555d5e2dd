import { LshError } from '../core/errors.js'
import { vectorText } from '../store/types.js'
import { vectorBytes } from './binary-values.js'

/** A query vector as text. */
export function finiteText(vector: ArrayLike<number>): string {
  assertFinite(vector)
  return vectorText(vector)
}

/** A query vector in the binary form of pgvector. */
export function vectorValue(vector: Float32Array): Buffer {
  assertFinite(vector)
  return vectorBytes(vector)
}

/** pgvector would refuse NaN and infinite elements too, but without saying what to do. */
function assertFinite(vector: ArrayLike<number>): void {
  for (let at = 0; at < vector.length; at++) {
    if (Number.isFinite(vector[at])) continue
    throw new LshError('bad_input', `element ${at} of the query vector is ${String(vector[at])}`, {
      hint: 'A query vector holds finite numbers only; check what encoded it.',
    })
  }
}
