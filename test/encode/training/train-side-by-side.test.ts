import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { trainEncoder } from '../../../src/encode/training/train.js'
import * as fromSource from '../../../src/encode/training/train-side-by-side.js'
import type { TrainingJob } from '../../../src/encode/training/train-side-by-side.js'
import { phantomFrames } from '../phantom.js'

const root = join(import.meta.dirname, '..', '..', '..')
const size = 16
const options = {
  preprocessing: preprocessingOf('ct', { size }),
  epochs: 10,
  learningRate: 0.01,
}
const jobs: TrainingJob[] = [1, 2, 3].map((seed) => ({
  name: `job_${seed}`,
  frames: {
    train: phantomFrames(64, { size, seed: 7 }),
    validation: phantomFrames(16, { size, seed: 9 }),
  },
  options: { ...options, seed },
}))

describe('trainSideBySide', () => {
  let folder: string
  let compiled: typeof fromSource

  // Threads run only compiled files, as in the published package.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pg-lsh-threads-'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    for (const room of ['core', 'encode']) await compile(room, folder)
    const file = join(folder, 'dist', 'encode', 'training', 'train-side-by-side.js')
    compiled = (await import(pathToFileURL(file).href)) as typeof fromSource
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('returns from threads what trainEncoder returns, in the order of the jobs', async () => {
    const heard: string[] = []
    const onProgress = (name: string) => heard.push(name)
    const trained = await compiled.trainSideBySide(jobs, { limit: 2, onProgress })
    for (const [i, job] of jobs.entries()) {
      const alone = await trainEncoder(job.frames, job.options)
      expect(trained[i]?.checksum).toBe(alone.checksum)
      expect(trained[i]?.weights).toEqual(alone.weights)
      expect(trained[i]?.loss).toBe(alone.loss)
      expect(heard.filter((name) => name === job.name).length).toBe(10)
    }
  }, 60_000)

  it('returns the same without threads when run from the sources', async () => {
    const [job] = jobs as [TrainingJob]
    const [trained] = await fromSource.trainSideBySide([job])
    const alone = await trainEncoder(job.frames, job.options)
    expect(trained?.checksum).toBe(alone.checksum)
  })

  it('keeps code and hint of an error and stops the other jobs', async () => {
    const [good, other] = jobs as [TrainingJob, TrainingJob]
    const bad = { ...good, name: 'bad', options: { ...options, learningRate: 0, epochs: 1 } }
    const endless = { ...other, options: { ...options, epochs: 100_000, patience: 100_000 } }
    for (const room of [compiled, fromSource]) {
      await expect(room.trainSideBySide([bad, endless], { limit: 2 })).rejects.toThrow(
        expect.objectContaining({
          name: 'LshError',
          code: 'training',
          message: expect.stringMatching(/mean image/),
          hint: expect.stringMatching(/more epochs/),
        }),
      )
    }
  }, 60_000)

  it('stops with the error that onProgress throws', async () => {
    const error = new Error('the screen is full')
    const onProgress = () => {
      throw error
    }
    for (const room of [compiled, fromSource]) {
      await expect(room.trainSideBySide(jobs, { onProgress })).rejects.toBe(error)
    }
  }, 60_000)

  it('stops all threads with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const endless = jobs.map((job) => ({
      ...job,
      options: { ...options, epochs: 100_000, patience: 100_000 },
    }))
    const onProgress = () => controller.abort(reason)
    const training = compiled.trainSideBySide(endless, { onProgress, signal: controller.signal })
    await expect(training).rejects.toBe(reason)
    const never = compiled.trainSideBySide(endless, { signal: controller.signal })
    await expect(never).rejects.toBe(reason)
  }, 60_000)
})

async function compile(room: string, folder: string): Promise<void> {
  const source = join(root, 'src', room)
  const target = join(folder, 'dist', room)
  await mkdir(target, { recursive: true })
  for (const file of await readdir(source, { recursive: true })) {
    if (!file.endsWith('.ts')) continue
    const text = await readFile(join(source, file), 'utf8')
    const { outputText } = ts.transpileModule(text, {
      fileName: file,
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        verbatimModuleSyntax: true,
      },
    })
    const path = join(target, file.replace(/\.ts$/, '.js'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, outputText)
  }
}
