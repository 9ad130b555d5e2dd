import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { rebuiltError, type ErrorParts } from '../../core/error-parts.js'
import { LshError } from '../../core/errors.js'
import { trainEncoder } from './train.js'
import type { TrainingFrames, TrainOptions } from './train-options.js'
import type { AnyPreprocessing, EpochRecord, TrainedEncoder } from '../trained/trained-encoder.js'

/** One encoder to train. The options are sent to a thread, so they hold no functions. */
export interface TrainingJob<P extends AnyPreprocessing = AnyPreprocessing> {
  /** Identifies the job in progress reports: `ct_shallow`. */
  readonly name: string
  readonly frames: TrainingFrames
  readonly options: Omit<TrainOptions<P>, 'onEpoch' | 'signal'>
}

export interface SideBySideOptions {
  /** Most encoders to train at the same time. (Default: the number of cores) */
  limit?: number
  /** Called after each pass of each job. (Default: none) */
  onProgress?: (name: string, record: EpochRecord) => void
  /** Stops all trainings; the promise rejects with its reason. (Default: none) */
  signal?: AbortSignal
}

/** A message from a thread. */
export type WorkerMessage =
  | { readonly kind: 'epoch'; readonly record: EpochRecord }
  | { readonly kind: 'trained'; readonly trained: TrainedEncoder<AnyPreprocessing> }
  | { readonly kind: 'failed'; readonly error: ErrorParts }

const workerFile = new URL('./train-worker.js', import.meta.url)

/**
 * Trains several encoders in parallel, each in a thread of its own, because the back end uses only one core. The
 * results are in the order of the jobs and equal those of `trainEncoder`. The first failure stops the others.
 *
 * If the code runs from TypeScript sources, there is no file for a thread to run; the jobs are then trained one after
 * the other in this thread.
 */
export async function trainSideBySide<P extends AnyPreprocessing>(
  jobs: readonly TrainingJob<P>[],
  options: SideBySideOptions = {},
): Promise<TrainedEncoder<P>[]> {
  const { limit = availableParallelism(), onProgress, signal } = options
  const threaded = existsSync(fileURLToPath(workerFile))
  const failure = new AbortController()
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
  const results: TrainedEncoder<P>[] = []
  const waiting = jobs.entries()

  const work = async () => {
    for (const [i, job] of waiting) {
      const onEpoch = (record: EpochRecord) => onProgress?.(job.name, record)
      results[i] = threaded
        ? await trainInThread(job, { onEpoch, signal: stop })
        : await trainEncoder(job.frames, { ...job.options, onEpoch, signal: stop })
    }
  }
  const lanes = Array.from(
    { length: threaded ? Math.max(1, Math.min(limit, jobs.length)) : 1 },
    () =>
      work().catch((error: unknown) => {
        failure.abort(error)
        throw error
      }),
  )
  // All threads have ended when the promise settles.
  await Promise.allSettled(lanes)
  stop.throwIfAborted()
  return results
}

function trainInThread<P extends AnyPreprocessing>(
  job: TrainingJob<P>,
  options: { onEpoch: (record: EpochRecord) => void; signal: AbortSignal },
): Promise<TrainedEncoder<P>> {
  const { onEpoch, signal } = options
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const { train, validation } = job.frames
    const frames = { ...job.frames, train: shared(train), validation: shared(validation) }
    const worker = new Worker(workerFile, { workerData: { frames, options: job.options } })
    let finished = false
    const finish = (settle: () => void) => {
      if (finished) return
      finished = true
      signal.removeEventListener('abort', abort)
      // Waits for the thread to end, because its core would still be busy when the next job starts.
      void worker.terminate().then(settle, settle)
    }
    const abort = () => finish(() => reject(signal.reason as Error))
    signal.addEventListener('abort', abort)
    worker.on('message', (message: WorkerMessage) => {
      if (finished) return
      if (message.kind === 'trained') finish(() => resolve(message.trained as TrainedEncoder<P>))
      else if (message.kind === 'failed') finish(() => reject(failed(job, message.error)))
      else {
        try {
          onEpoch(message.record)
        } catch (error) {
          // An error of the caller's callback rejects the promise instead of becoming an uncaught
          // exception.
          const reason = error instanceof Error ? error : new Error(String(error))
          finish(() => reject(reason))
        }
      }
    })
    worker.on('error', (error) => finish(() => reject(crashed(job, error.message, error))))
    worker.on('exit', (code) => finish(() => reject(crashed(job, `exit code ${code}`))))
  })
}

/** Copies numbers to memory that threads share, so that the frames of a data set are not copied twice. */
function shared(frames: Float32Array): Float32Array {
  if (frames.buffer instanceof SharedArrayBuffer) return frames
  const copy = new Float32Array(new SharedArrayBuffer(frames.byteLength))
  copy.set(frames)
  return copy
}

function failed(job: TrainingJob, parts: ErrorParts): Error {
  if (parts.code === undefined) return crashed(job, parts.message)
  return rebuiltError({ ...parts, message: `${job.name}: ${parts.message}` })
}

function crashed(job: TrainingJob, what: string, cause?: Error): LshError {
  return new LshError('training', `${job.name}: the training thread ended early: ${what}`, {
    hint: 'Check the free memory, or train fewer encoders at the same time (limit).',
    cause,
  })
}
