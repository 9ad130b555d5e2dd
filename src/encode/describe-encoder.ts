import { LshError } from '../core/errors.js'
import { disposeAutoEncoder } from './architectures/auto-encoder.js'
import { startBackend } from './backend/backend.js'
import { openEncoder } from './encoder.js'
import { frameAll } from './frames/frame.js'
import { restoreModel } from './architectures/model-data.js'
import { isOnnx } from './onnx/onnx-encoder.js'
import type { TrainedEncoder } from './trained/trained-encoder.js'

/** One layer of an auto-encoder. */
export interface LayerDescription {
  readonly name: string
  /** Class of the layer in the format of Keras: `Conv2D`. */
  readonly kind: string
  /** Shape of its output for one frame. */
  readonly output: readonly number[]
  readonly parameters: number
}

/** The layers of an encoder with its decoder, starting at the frame; empty for an ONNX model. */
export async function describeLayers(trained: TrainedEncoder): Promise<LayerDescription[]> {
  if (isOnnx(trained)) return []
  await startBackend()
  const model = await restoreModel(trained)
  try {
    return model.whole.layers.map((layer) => ({
      name: layer.name,
      kind: layer.getClassName(),
      output: (layer.outputShape as (number | null)[]).slice(1).map(Number),
      parameters: layer.countParams(),
    }))
  } finally {
    disposeAutoEncoder(model)
  }
}

/** A test slice: water without dose or structures. */
const side = 32
const water = {
  rows: side,
  columns: side,
  ct: new Int16Array(side ** 2),
  dose: new Float32Array(side ** 2),
  structures: { masks: [], pixelMm: [1, 1], prescriptionGy: null },
} as const

/**
 * Encodes one slice with an imported encoder: the checksum shows that it was not modified, but not that its parts fit
 * together.
 *
 * @throws LshError `bad_input` if they do not.
 */
export async function assertEncodes(trained: TrainedEncoder): Promise<void> {
  const encoder = await openEncoder(trained).catch(refuse)
  try {
    const features = encoder.encode(frameAll([water], trained.preprocessing))
    if (features.length !== trained.dims) {
      throw new Error(`a slice gives ${features.length} numbers, dims is ${trained.dims}`)
    }
    if (!features.every(Number.isFinite))
      throw new Error('a slice gives numbers that are not finite')
  } catch (error) {
    refuse(error)
  } finally {
    encoder.close()
  }
}

function refuse(cause: unknown): never {
  if (cause instanceof LshError) throw cause
  throw new LshError('bad_input', `encoder does not encode: ${(cause as Error).message}`, {
    hint: 'Its modelTopology, featureLayer and preprocessing do not fit each other: export it again.',
    cause,
  })
}
