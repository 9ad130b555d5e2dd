import { parentPort, workerData } from 'node:worker_threads'
import { errorParts } from '../../core/error-parts.js'
import { trainEncoder } from './train.js'
import type { TrainingFrames, TrainOptions } from './train-options.js'
import type { WorkerMessage } from './train-side-by-side.js'

/** The thread that `trainSideBySide` starts: trains one encoder and reports its progress. */
const { frames, options } = workerData as { frames: TrainingFrames; options: TrainOptions }

const tell = (message: WorkerMessage) => parentPort?.postMessage(message)

try {
  const onEpoch: TrainOptions['onEpoch'] = (record) => tell({ kind: 'epoch', record })
  tell({ kind: 'trained', trained: await trainEncoder(frames, { ...options, onEpoch }) })
} catch (error) {
  tell({ kind: 'failed', error: errorParts(error) })
}
