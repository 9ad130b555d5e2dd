import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker } from 'node:worker_threads'
import { errorParts, rebuiltError, type ErrorParts } from './error-parts.js'

export interface ThreadsOptions<Task, Result> {
  /** Threads at most; one is started when a task finds none that waits. */
  threads: number
  /** Handed to each thread as it starts. (Default: nothing) */
  data?: unknown
  /** Does a task in this thread, where there is no file for another: straight from the TypeScript sources. */
  here: (task: Task) => Promise<Result>
  /** Frees what that has at hand. (Default: it has nothing) */
  closeHere?: () => Promise<void>
}

/** Threads that do tasks of one kind, each one task at a time. */
export interface Threads<Task, Result> {
  /**
   * Does a task in the first thread that is free. Memory that is given away with it is not copied, and not to be used
   * here any more.
   *
   * @throws LshError as the task threw it; any other error as one of the same name and message; a ThreadError
   * where the thread did not survive.
   */
  run(task: Task, given?: readonly ArrayBuffer[]): Promise<Result>
  /** Ends all of them; what they were at is lost. */
  close(): Promise<void>
}

/** What a thread answers. */
type Answer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: ErrorParts }

interface Job<Task, Result> {
  readonly task: Task
  readonly given: readonly ArrayBuffer[]
  readonly resolve: (result: Result) => void
  readonly reject: (error: Error) => void
}

/** Starts nothing yet: each thread begins with the first task that needs it. */
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
    // An answer that could not be read: the thread is none the worse.
    worker.on('messageerror', (error) => {
      const job = busy.get(worker)
      busy.delete(worker)
      idle.push(worker)
      job?.reject(error)
      next()
    })
    // A thread that ends by itself takes its task with it, and no other: the next one gets a new thread.
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
        // A task that cannot be sent, as one whose memory was given away before.
        idle.push(worker)
        job.reject(error as Error)
      }
    }
  }

  return {
    run: (task, given = []) => {
      const result = new Promise<Result>((resolve, reject) => {
        // A thread that nobody will end any more would keep the process alive.
        if (closed) {
          reject(ended())
          return
        }
        waiting.push({ task, given, resolve, reject })
        next()
      })
      // Whoever closes the threads may wait for none of the tasks any more.
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
