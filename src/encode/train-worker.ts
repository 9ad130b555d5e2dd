import { parentPort, workerData } from 'node:worker_threads'
import { LshError } from '../core/errors.js'
import { trainEncoder } from './train.js'
import type { TrainingFrames, TrainOptions } from './train.js'
import type { WorkerMessage } from './train-side-by-side.js'

/** The thread that `trainSideBySide` starts: trains one encoder and tells how it goes. */
const { frames, options } = workerData as { frames: TrainingFrames; options: TrainOptions }

const tell = (message: WorkerMessage) => parentPort?.postMessage(message)

try {
  const onEpoch: TrainOptions['onEpoch'] = (record) => tell({ kind: 'epoch', record })
  tell({ kind: 'trained', trained: await trainEncoder(frames, { ...options, onEpoch }) })
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  // Only plain data crosses between threads, so the error is taken apart here and rebuilt there.
  const parts = error instanceof LshError && { error: { code: error.code, hint: error.hint } }
  tell({ kind: 'failed', message, ...parts })
}
