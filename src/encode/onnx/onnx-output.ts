import { LshError } from '../../core/errors.js'
import type { OnnxDescription } from './onnx-description.js'
import type { OnnxTensor } from './onnx-runtime.js'

/** Most dimensions that pgvector stores. */
const MOST = 16_000

/**
 * One vector per frame from the output of a model: unchanged; for a transformer `[n, tokens, d]`, the first token or
 * the mean of tokens; for a convolution `[n, d, rows, columns]`, the mean of places.
 *
 * @throws LshError `bad_input` if the output is not of that many frames, or has numbers that are not finite
 */
export function pooledOutput(
  { data, dims }: OnnxTensor,
  count: number,
  { pool, layout }: Pick<OnnxDescription, 'pool' | 'layout'>,
): Float32Array {
  const values = data as Float32Array
  const [frames, ...rest] = dims
  if (frames !== count || values.length === 0)
    throw wrong(`the output of ${count} pictures is ${dims.join(' x ')}`)
  const each = values.length / count
  const out = pool === 'none' ? values.slice() : pooled()
  if (out.length / count > MOST)
    throw wrong(`the output has ${out.length / count} numbers per picture, more than ${MOST}`)
  if (out.every(Number.isFinite)) return out
  throw wrong('the output has numbers that are not finite')

  function pooled(): Float32Array {
    const [tokens, width, channelsLast] = placesOf(rest, layout)
    if (tokens === 0) throw wrong(`an output of ${dims.join(' x ')} is not pooled`)
    const vectors = new Float32Array(count * width)
    const taken = pool === 'first' ? 1 : tokens
    for (let i = 0; i < count; i++)
      for (let d = 0; d < width; d++) {
        let sum = 0
        for (let token = 0; token < taken; token++)
          sum += values[i * each + (channelsLast ? token * width + d : d * tokens + token)]!
        vectors[i * width + d] = sum / taken
      }
    return vectors
  }
}

/** Number of places of an output, numbers per place, and whether these are adjacent. */
function placesOf(
  dims: readonly number[],
  layout: OnnxDescription['layout'],
): [places: number, width: number, channelsLast: boolean] {
  const [a = 0, b = 0, c = 0] = dims
  if (dims.length === 2) return [a, b, true]
  if (dims.length !== 3) return [0, 0, true]
  return layout === 'nchw' ? [b * c, a, false] : [a * b, c, true]
}

function wrong(message: string): LshError {
  return new LshError('bad_input', message, {
    hint: 'Name the output that holds the features as "output" in the JSON beside the model, with "pool" if it has several vectors per picture.',
  })
}
