import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../../core/threads.js'
import { openEncoder, type Encoder } from '../../encode/encoder.js'
import { frameLength, frameShape } from '../../encode/trained/frame-tensor.js'
import { frameContent, type PicturePreprocessing } from '../../encode/frames/picture-frame.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { unpackContent, type StoredContent } from '../pictures/picture-content.js'

const BATCH_SIZE = 256

const workerFile = new URL('./encode-picture-worker.js', import.meta.url)

type Contents = readonly StoredContent[]

/** Threads that turn stored images or neurons into their features, end to end. */
export function pictureEncoder(
  trained: TrainedEncoder<PicturePreprocessing>,
): Threads<Contents, Float32Array> {
  const { run: here, close: closeHere } = encodePicturesHere(trained)
  const threads = availableParallelism()
  return openThreads(workerFile, { threads, data: trained, here, closeHere })
}

/** What encodes in one thread; the back end is started with the first of them. */
export function encodePicturesHere(trained: TrainedEncoder<PicturePreprocessing>) {
  const { preprocessing } = trained
  const length = frameLength(frameShape(preprocessing))
  let opening: Promise<Encoder> | undefined
  return {
    run: async (contents: Contents): Promise<Float32Array> => {
      opening ??= openEncoder(trained, { batchSize: BATCH_SIZE })
      const encoder = await opening
      const frames = new Float32Array(contents.length * length)
      contents.forEach((one, i) =>
        frames.set(frameContent(unpackContent(one), preprocessing), i * length),
      )
      return encoder.encode(frames)
    },
    close: async (): Promise<void> => {
      ;(await opening)?.close()
    },
  }
}
