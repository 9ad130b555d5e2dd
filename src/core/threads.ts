import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker } from 'node:worker_threads'
import { errorParts, rebuiltError, type ErrorParts } from './error-parts.js'

export interface ThreadsOptions<Task, Result> {
  /** Maximum number of threads; a thread is started when a task finds none idle. */
  threads: number
  /** Data passed to each thread when it starts. (Default: nothing) */
  data?: unknown
  /**
   * Runs a task in this thread if there is no compiled file for another thread, as when running from the TypeScript
   * sources.
   */
  here: (task: Task) => Promise<Result>
  /** Frees the resources of that function. (Default: it has none) */
  closeHere?: () => Promise<void>
}

/** Threads that run tasks of one kind, each one task at a time. */
export interface Threads<Task, Result> {
  /**
   * Runs a task in the first free thread. Transferred memory is not copied and must not be used here afterwards.
   *
   * @throws LshError as the task threw it; any other error as one of the same name and message; a ThreadError
   * where the thread did not survive.
   */
  run(task: Task, given?: readonly ArrayBuffer[]): Promise<Result>
  /** Ends all threads; their current tasks are lost. */
  close(): Promise<void>
}

/** Answer of a thread. */
type Answer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: ErrorParts }

interface Job<Task, Result> {
  readonly task: Task
  readonly given: readonly ArrayBuffer[]
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

/** Starts no thread yet: each starts with the first task that needs it. */
export function openThreads<Task, Result>(
  file: URL,
  options: ThreadsOptions<Task, Result>,
): Threads<Task, Result> {
  const { threads, data, here, closeHere = () => Promise.resolve() } = options
  if (!existsSync(fileURLToPath(file))) return { run: here, close: closeHere }
  const waiting: Job<Task, Result>[] = []
  const idle: Worker[] = []
  const busy = new Map<Worker, Job<Task, Result>>()
  let closed = false

  function start(): Worker {
    const worker = new Worker(file, { workerData: data })
    worker.on('message', (answer: Answer<Result>) => {
      const job = busy.get(worker)
      busy.delete(worker)
      idle.push(worker)
      if (answer.kind === 'done') job?.resolve(answer.result)
      else job?.reject(rebuiltError(answer.error))
      next()
    })
    // The answer could not be read, but the thread is intact.
    worker.on('messageerror', (error) => {
      const job = busy.get(worker)
      busy.delete(worker)
      idle.push(worker)
      job?.reject(error)
      next()
    })
    // If a thread ends unexpectedly, only its own task fails; the next task gets a new thread.
    worker.on('error', (error) => lose(worker, error))
    worker.on('exit', (code) => lose(worker, new Error(`exit code ${code}`)))
    return worker
  }

  function lose(worker: Worker, error: Error): void {
    const job = busy.get(worker)
    busy.delete(worker)
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
    job?.reject(
      rebuiltError({ name: 'ThreadError', message: `the thread ended: ${error.message}` }),
    )
    next()
  }

  function next(): void {
    while (waiting.length > 0 && (idle.length > 0 || busy.size < threads)) {
      const job = waiting.shift() as Job<Task, Result>
      const worker = idle.pop() ?? start()
      try {
        worker.postMessage(job.task, job.given)
        busy.set(worker, job)
      } catch (error) {
        // A task that cannot be sent, for example because its memory was already transferred.
        idle.push(worker)
        job.reject(error as Error)
      }
    }
  }

  return {
    run: (task, given = []) => {
      const result = new Promise<Result>((resolve, reject) => {
        // A thread that is never ended would keep the process alive.
        if (closed) {
          reject(ended())
          return
        }
        waiting.push({ task, given, resolve, reject })
        next()
      })
      // After closing the threads, the caller may no longer wait for any task.
      result.catch(() => undefined)
      return result
    },
    close: async () => {
      closed = true
      const all = [...idle, ...busy.keys()]
      const left = [...busy.values(), ...waiting]
      waiting.length = 0
      idle.length = 0
      busy.clear()
      for (const job of left) job.reject(ended())
      await Promise.all(all.map((worker) => worker.terminate()))
    },
  }
}

function ended(): Error {
  return rebuiltError({ name: 'ThreadError', message: 'the threads are closed' })
}

/** The thread's side: answers each task. */
export function answerTasks(work: (task: never) => Promise<unknown>): void {
  parentPort?.on('message', (task) => {
    const tell = (answer: Answer<unknown>) => parentPort?.postMessage(answer)
    work(task as never).then(
      (result) => tell({ kind: 'done', result }),
      (error: unknown) => tell({ kind: 'failed', error: errorParts(error) }),
    )
  })
}
