import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { rebuiltError, type ErrorParts } from '../../core/error-parts.js'
import { LshError } from '../../core/errors.js'
import { trainEncoder } from './train.js'
import type { TrainingFrames, TrainOptions } from './train-options.js'
import type { AnyPreprocessing, EpochRecord, TrainedEncoder } from '../trained/trained-encoder.js'

/** One encoder to train. The options travel to a thread, so they hold no functions. */
export interface TrainingJob<P extends AnyPreprocessing = AnyPreprocessing> {
  /** Tells the jobs apart in the progress: `ct_shallow`. */
  readonly name: string
  readonly frames: TrainingFrames
  readonly options: Omit<TrainOptions<P>, 'onEpoch' | 'signal'>
}

export interface SideBySideOptions {
  /** Encoders that are trained at the same time at most. (Default: the cores of the machine) */
  limit?: number
  /** Called after each pass of each job. (Default: nobody is told) */
  onProgress?: (name: string, record: EpochRecord) => void
  /** Stops all; the promise rejects with its reason. (Default: none) */
  signal?: AbortSignal
}

/** What a thread tells. */
export type WorkerMessage =
  | { readonly kind: 'epoch'; readonly record: EpochRecord }
  | { readonly kind: 'trained'; readonly trained: TrainedEncoder<AnyPreprocessing> }
  | { readonly kind: 'failed'; readonly error: ErrorParts }

const workerFile = new URL('./train-worker.js', import.meta.url)

/**
 * Trains several encoders at once, each in a thread of its own, as the back end computes on one core
 * only. The results stand in the order of the jobs and are the same as of `trainEncoder`. The first
 * failure stops the others.
 *
 * Straight from the TypeScript sources there is no file for a thread to run; then the jobs are
 * trained one after the other in this one.
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
  // All have ended when the caller hears of it, so no thread is left behind.
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
      // Ended before anybody goes on, or its core is still busy when the next job starts.
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
          // The caller's own error: it belongs in the promise, not in the event loop.
          const reason = error instanceof Error ? error : new Error(String(error))
          finish(() => reject(reason))
        }
      }
    })
    worker.on('error', (error) => finish(() => reject(crashed(job, error.message, error))))
    worker.on('exit', (code) => finish(() => reject(crashed(job, `exit code ${code}`))))
  })
}

/** The same numbers in memory that threads share; frames of a whole data set are not copied twice. */
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
