import { isDeepStrictEqual } from 'node:util'
import { LshError } from '../../core/errors.js'
import { vectorLength } from '../../core/vector.js'
import { assertChecksum } from '../trained/checksum.js'
import { frameCount, frameLength, frameShape } from '../trained/frame-tensor.js'
import { checkedOnnxDescription, CT_WINDOW, type OnnxDescription } from './onnx-description.js'
import { onnxRuntime, type OnnxSession, type OnnxTensor } from './onnx-runtime.js'
import { pooledOutput } from './onnx-output.js'
import { picturePreprocessing } from '../frames/picture-frame.js'
import type { AnyPreprocessing, TrainedEncoder } from '../trained/trained-encoder.js'
import { eachTurn } from './turned-frames.js'

/** Architecture of encoders that are ONNX models. */
export const ONNX = 'onnx' as const

/** Whether an encoder is an ONNX model. */
export function isOnnx({ architecture }: Pick<TrainedEncoder<AnyPreprocessing>, 'architecture'>) {
  return architecture === ONNX
}

/** A loaded model; it must be closed. */
export interface OnnxEncoder {
  readonly dims: number
  /** The vectors of frames: `n * size * size * planes` numbers in, `n * dims` out. */
  encode(frames: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** The preprocessing that makes frames for a model, with values from 0 to 1, before mean and deviation are applied. */
export function onnxPreprocessing({
  colour,
  size,
  window,
  crop = 'raster',
}: OnnxDescription): AnyPreprocessing {
  if (colour === 'ct') {
    const [low, high] = window ?? CT_WINDOW
    return { planes: [{ channel: 'ct', low, high, ceiling: 1, unit: 'HU' }], size, crop }
  }
  const views = { rgb: 'colour', bgr: 'colour', grey: 'grey', sides: 'sides' } as const
  return picturePreprocessing(views[colour], size)
}

/**
 * Verifies a stored model against its checksum and loads it.
 *
 * @throws LshError `backend` without ONNX Runtime, `bad_input` for a model that does not match its description
 */
export async function openOnnxEncoder(
  trained: TrainedEncoder<AnyPreprocessing>,
): Promise<OnnxEncoder> {
  assertChecksum(trained)
  // Checked again, because a checksum is not a signature: an imported encoder comes with its own.
  const description = checkedOnnxDescription(trained.topology, `the description of the model`)
  if (!isDeepStrictEqual(trained.preprocessing, onnxPreprocessing(description)))
    throw wrong('the stored model has other frames than its description')
  const opened = await openModel(trained.weights, description)
  return {
    dims: trained.dims,
    close: () => opened.close(),
    encode: async (frames) => {
      const vectors = await opened.encode(frames)
      const count = frameCount(frames, frameShape(trained.preprocessing))
      if (vectors.length === count * trained.dims) return vectors
      throw new LshError(
        'LSH02',
        `the model gives ${vectors.length / count} numbers, its record says ${trained.dims}`,
        { hint: 'Drop the space, and encode it with the model again.' },
      )
    },
  }
}

/** Frames per batch if the model does not fix their number. */
const BATCH = 16

/** @throws LshError `bad_input` for an invalid model, or one whose input does not match the description */
export async function openModel(model: Uint8Array, description: OnnxDescription) {
  const { Tensor, InferenceSession } = await onnxRuntime()
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw wrong(`the model does not load: ${lineOf(cause)}`, cause)
  })
  const { input, output, batch } = await namedOrReleased(session, description)
  const { size, channels, layout, turns, normalise } = description
  const preprocessing = onnxPreprocessing(description)
  const shape = frameShape(preprocessing)
  const length = frameLength(shape)

  const run = async (frames: Float32Array, count: number): Promise<Float32Array> => {
    const dims = layout === 'nchw' ? [count, channels, size, size] : [count, size, size, channels]
    const tensor = new Tensor('float32', inputOf(frames, count, description), dims)
    const results = await session.run({ [input]: tensor }, [output]).catch((cause: unknown) => {
      throw wrong(`the model does not take ${dims.join(' x ')}: ${lineOf(cause)}`, cause)
    })
    return pooledOutput(results[output] as OnnxTensor, count, description)
  }

  const inBatches = async (frames: Float32Array): Promise<Float32Array> => {
    const count = frames.length / length
    const parts: Float32Array[] = []
    for (let from = 0; from < count; from += batch) {
      const to = Math.min(count, from + batch)
      parts.push(await run(frames.subarray(from * length, to * length), to - from))
    }
    const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }

  return {
    close: () => session.release(),
    encode: async (frames: Float32Array): Promise<Float32Array> => {
      const count = frameCount(frames, shape)
      const vectors = turns ? await eachTurn(frames, shape, inBatches) : await inBatches(frames)
      return normalise ? ofLengthOne(vectors, vectors.length / count) : vectors
    },
  }
}

async function namedOrReleased(session: OnnxSession, description: OnnxDescription) {
  try {
    return named(session, description)
  } catch (error) {
    await session.release()
    throw error
  }
}

/** The names of input and output, and the number of frames that the model takes at once. */
function named(session: OnnxSession, description: OnnxDescription) {
  const of = (kind: 'input' | 'output') => {
    const all = kind === 'input' ? session.inputMetadata : session.outputMetadata
    const wanted = description[kind]
    const one =
      all.find(({ name }) => name === wanted) ?? (wanted === undefined ? all[0] : undefined)
    const names = all.map(({ name }) => name).join(', ')
    if (!one) throw wrong(`the model has no ${kind} "${wanted ?? ''}", but ${names}`)
    if (kind === 'input' && all.length > 1 && wanted === undefined)
      throw wrong(`the model has several inputs: ${names}; "input" names the one of the picture`)
    if (one.type !== undefined && one.type !== 'float32')
      throw wrong(`the ${kind} "${one.name}" of the model is ${one.type}, not float32`)
    return one
  }
  const input = of('input')
  const first = input.shape?.[0]
  const batch = typeof first === 'number' && first > 0 ? first : BATCH
  if (batch > 1 && typeof first === 'number')
    throw wrong(`the model takes ${batch} pictures at once, not one or any number`)
  return { input: input.name, output: of('output').name, batch }
}

function inputOf(frames: Float32Array, count: number, description: OnnxDescription): Float32Array {
  const { size, channels, colour, layout, white, mean, std } = description
  const [pixels, planes] = [size * size, frameShape(onnxPreprocessing(description)).planes]
  const out = new Float32Array(count * pixels * channels)
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes === 1 ? 0 : colour === 'bgr' ? 2 - channel : channel
    const [less, by] = [mean[channel]!, std[channel]!]
    for (let i = 0; i < count; i++)
      for (let pixel = 0; pixel < pixels; pixel++) {
        const at =
          layout === 'nchw'
            ? (i * channels + channel) * pixels + pixel
            : (i * pixels + pixel) * channels + channel
        out[at] = (frames[(i * pixels + pixel) * planes + plane]! * white - less) / by
      }
  }
  return out
}

function ofLengthOne(vectors: Float32Array, dims: number): Float32Array {
  for (let from = 0; from < vectors.length; from += dims) {
    const vector = vectors.subarray(from, from + dims)
    const length = vectorLength(vector)
    if (length > 0) for (let d = 0; d < dims; d++) vector[d]! /= length
  }
  return vectors
}

function wrong(message: string, cause?: unknown): LshError {
  return new LshError('bad_input', message, {
    hint: 'Export the model as one ONNX file with float32 input, and describe it in the JSON beside it.',
    cause,
  })
}

/** The first line of the runtime's message; the rest refers to its source code. */
function lineOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!.slice(0, 200)
}
