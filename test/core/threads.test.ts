import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openThreads } from '../../src/core/threads.js'

let folder: string
let file: URL

// Threads run plain JavaScript. This worker answers as `answerTasks` does, and exits on the task 'die'.
const worker = `
import { parentPort, threadId, workerData } from 'node:worker_threads'
parentPort.on('message', (task) => {
  if (task === 'die') process.exit(7)
  if (task === 'refuse')
    parentPort.postMessage({ kind: 'failed', error: { name: 'LshError', message: 'no', code: 'bad_input', hint: 'so' } })
  else setTimeout(() => parentPort.postMessage({ kind: 'done', result: { task, threadId, workerData } }), 20)
})`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-threads-'))
  file = pathToFileURL(join(folder, 'worker.mjs'))
  await writeFile(file, worker)
})
afterAll(() => rm(folder, { recursive: true }))

interface Done {
  task: string
  threadId: number
  workerData: unknown
}

const open = (threads: number) =>
  openThreads<string, Done>(file, {
    threads,
    data: 'given',
    here: () => Promise.reject(new Error('not in a thread')),
  })

describe('openThreads', () => {
  it('distributes tasks over the given number of threads and passes the data to each', async () => {
    const threads = open(2)
    const done = await Promise.all(['a', 'b', 'c', 'd'].map((task) => threads.run(task)))
    await threads.close()
    expect(done.map(({ task }) => task)).toEqual(['a', 'b', 'c', 'd'])
    expect(new Set(done.map(({ threadId }) => threadId)).size).toBe(2)
    expect(done.every(({ workerData }) => workerData === 'given')).toBe(true)
  })

  it('rejects with the error of a task and keeps the thread running', async () => {
    const threads = open(1)
    await expect(threads.run('refuse')).rejects.toMatchObject({
      name: 'LshError',
      code: 'bad_input',
      message: 'no',
      hint: 'so',
    })
    expect((await threads.run('after')).task).toBe('after')
    await threads.close()
  })

  it('loses only the task during which a thread died', async () => {
    const threads = open(1)
    const results = await Promise.allSettled(['a', 'die', 'b'].map((task) => threads.run(task)))
    await threads.close()
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { name: 'ThreadError' } })
  })

  it('runs tasks in the calling thread if the file of the worker does not exist', async () => {
    const threads = openThreads<number, number>(new URL('./nowhere.js', file), {
      threads: 2,
      here: (task) => Promise.resolve(2 * task),
    })
    expect(await threads.run(21)).toBe(42)
    await threads.close()
  })

  it('starts no thread after it was closed', async () => {
    const threads = open(1)
    await threads.close()
    await expect(threads.run('late')).rejects.toMatchObject({ name: 'ThreadError' })
  })

  it('rejects pending tasks when it is closed, without unhandled rejections', async () => {
    const strays: unknown[] = []
    const collect = (error: unknown) => strays.push(error)
    process.on('unhandledRejection', collect)
    const threads = open(1)
    const left = ['a', 'b', 'c'].map((task) => threads.run(task))
    void threads.run('nobody waits for it')
    await threads.close()
    for (const { reason } of (await Promise.allSettled(left)) as PromiseRejectedResult[])
      expect(reason).toMatchObject({ name: 'ThreadError', message: 'the threads are closed' })
    await setTimeout(20)
    process.off('unhandledRejection', collect)
    expect(strays).toEqual([])
  })

  it('rejects only the task that cannot be sent to a thread', async () => {
    const threads = open(1)
    const code = (() => undefined) as unknown as string
    await expect(threads.run(code)).rejects.toMatchObject({ name: 'DataCloneError' })
    expect((await threads.run('after')).task).toBe('after')
    await threads.close()
  })
})
