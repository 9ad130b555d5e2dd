import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { LshError } from '../../core/errors.js'
import { fromFileError } from '../../core/file-errors.js'
import { encoderChecksum } from '../trained/checksum.js'
import { frameLength, frameShape } from '../trained/frame-tensor.js'
import { parseOnnxDescription, type OnnxDescription } from './onnx-description.js'
import { ONNX, onnxPreprocessing, openModel } from './onnx-encoder.js'
import type { AnyPreprocessing, Json, TrainedEncoder } from '../trained/trained-encoder.js'

/** Most bytes of a model: it is stored in the database, and each encoding thread loads it. */
const MOST_BYTES = 256 << 20

/**
 * Reads an ONNX model and its description, the JSON file of the same name: `model.onnx` and `model.json`.
 *
 * @throws LshError `bad_usage` if a file is missing, `bad_input` for an unsuitable model or description, `backend`
 * without ONNX Runtime
 */
export async function readOnnxModel(path: string): Promise<TrainedEncoder<AnyPreprocessing>> {
  if (!path.endsWith('.onnx'))
    throw new LshError('bad_usage', `${path} does not end with .onnx`, {
      hint: 'Name the ONNX file of the model; its description is the .json of the same name.',
    })
  const described = `${path.slice(0, -'.onnx'.length)}.json`
  const { size } = await found(stat(path))
  if (size > MOST_BYTES)
    throw new LshError('bad_input', `${path} has ${size} bytes, more than ${MOST_BYTES}`, {
      hint: 'Export it in half precision, or compute its features elsewhere and load them with "pg-lsh load vectors".',
    })
  const text = await readFile(described, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fromFileError(error)
    throw new LshError('bad_usage', `${described} does not exist`, {
      hint: `Describe what ${basename(path)} takes, at least { "size": 224 }: docs/images.md lists the fields.`,
      cause: error,
    })
  })
  const description = parseOnnxDescription(text, described)
  return onnxEncoder(new Uint8Array(await found(readFile(path))), description)
}

/**
 * An ONNX model as an encoder of slices, images or neurons. The dimension of its vectors is measured on a grey picture.
 *
 * @throws LshError as `readOnnxModel` does
 */
export async function onnxEncoder(
  model: Uint8Array,
  description: OnnxDescription,
): Promise<TrainedEncoder<AnyPreprocessing>> {
  const preprocessing = onnxPreprocessing(description)
  const opened = await openModel(model, description)
  // Two pictures, because a model may mix up the pictures of a batch.
  const grey = new Float32Array(2 * frameLength(frameShape(preprocessing))).fill(0.5)
  const dims = await opened
    .encode(grey)
    .then((vectors) => vectors.length / 2)
    .finally(() => opened.close())
  const identity = {
    architecture: ONNX,
    preprocessing,
    dims,
    featureLayer: description.output ?? '',
    topology: description as unknown as Json,
    weightSpecs: [],
    weights: model,
  }
  return {
    ...identity,
    history: [],
    baselineLoss: 0,
    loss: 0,
    quality: [],
    backend: ONNX,
    seed: 0,
    checksum: encoderChecksum(identity),
  }
}

async function found<T>(reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    throw fromFileError(error)
  })
}
