import { openAnyEncoder, type FrameEncoder } from '../../encode/onnx/open-any-encoder.js'
import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../../core/threads.js'
import { frameLength, frameShape } from '../../encode/trained/frame-tensor.js'
import { frameContent, type PicturePreprocessing } from '../../encode/frames/picture-frame.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { unpackContent, type StoredContent } from '../pictures/picture-content.js'

const BATCH_SIZE = 256
/** Upper limit of the bytes that the weights in all threads take together. */
const MEMORY = 1 << 30

/** Upper limit of the bytes of the frames that a thread holds at once. */
const FRAMES = 1 << 26

const workerFile = new URL('./encode-picture-worker.js', import.meta.url)

type Contents = readonly StoredContent[]

/** Opens threads that unpack, frame and encode stored images or neurons, each with its own numerical back end. */
export function pictureEncoder(
  trained: TrainedEncoder<PicturePreprocessing>,
): Threads<Contents, Float32Array> {
  const { run: here, close: closeHere } = encodePicturesHere(trained)
  const threads = Math.max(
    1,
    Math.min(availableParallelism(), Math.floor(MEMORY / trained.weights.byteLength)),
  )
  return openThreads(workerFile, { threads, data: trained, here, closeHere })
}

/** The work of one encoding thread. It starts its back end with the first images or neurons. */
export function encodePicturesHere(trained: TrainedEncoder<PicturePreprocessing>) {
  const { preprocessing } = trained
  const length = frameLength(frameShape(preprocessing))
  const piece = Math.max(1, Math.floor(FRAMES / (4 * length)))
  let opening: Promise<FrameEncoder> | undefined
  return {
    run: async (contents: Contents): Promise<Float32Array> => {
      opening ??= openAnyEncoder(trained, { batchSize: BATCH_SIZE })
      const encoder = await opening
      const vectors = new Float32Array(contents.length * trained.dims)
      for (let from = 0; from < contents.length; from += piece) {
        const part = contents.slice(from, from + piece)
        const frames = new Float32Array(part.length * length)
        part.forEach((one, i) =>
          frames.set(frameContent(unpackContent(one), preprocessing), i * length),
        )
        vectors.set(await encoder.encode(frames), from * trained.dims)
      }
      return vectors
    },
    close: async (): Promise<void> => {
      await (await opening)?.close()
    },
  }
}
