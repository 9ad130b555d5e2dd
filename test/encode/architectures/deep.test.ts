import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend } from '../../../src/encode/backend/backend.js'
import { openEncoder } from '../../../src/encode/encoder.js'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { trainEncoder } from '../../../src/encode/training/train.js'
import {
  type TrainingFrames,
  type TrainOptions,
} from '../../../src/encode/training/train-options.js'
import type { EpochRecord } from '../../../src/encode/trained/trained-encoder.js'
import type { SliceLevels } from '../../../src/encode/training/slice-levels.js'
import { permutation, random } from '../../../src/core/random.js'

const size = 16
const SLICES = 24
const preprocessing = preprocessingOf('ct', { size })

/** Plans whose slices show a bar that moves down from slice to slice, with a brightness and noise for each plan. */
function plans(
  count: number,
  seed: number,
  aligned = true,
): { frames: Float32Array; levels: SliceLevels } {
  const source = random(seed)
  const frames = new Float32Array(count * SLICES * size * size)
  const plan = new Int32Array(count * SLICES)
  const mm = new Float32Array(count * SLICES)
  for (let i = 0; i < count * SLICES; i++) {
    plan[i] = Math.floor(i / SLICES)
    mm[i] = 3 * (i % SLICES)
    const bright = 0.3 + 0.5 * random(seed + 1000 * plan[i]!).uniform()
    for (let p = 0; p < size * size; p++) {
      const below = (((i % SLICES) / SLICES) * size) / 1.2 - Math.floor(p / size)
      const bar = below > 0 && below < 3 ? bright : 0.1
      frames[i * size * size + p] = bar + 0.05 * source.uniform()
    }
  }
  return { frames, levels: { plan, mm, aligned } }
}

function training(aligned = true): TrainingFrames {
  const [train, validation] = [plans(8, 1, aligned), plans(4, 2, aligned)]
  return {
    train: train.frames,
    validation: validation.frames,
    levels: { train: train.levels, validation: validation.levels },
  }
}

const options: TrainOptions = { preprocessing, architecture: 'deep', epochs: 6, learningRate: 0.01 }
let folder: string

beforeAll(async () => {
  await startBackend()
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-checkpoint-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the deep architecture', () => {
  it('finds the slice of another plan at the same level, with and without aligned levels', async () => {
    const queries = plans(4, 3)
    for (const aligned of [true, false]) {
      const trained = await trainEncoder(training(aligned), options)
      const encoder = await openEncoder(trained)
      const features = encoder.encode(queries.frames)
      encoder.close()
      const errors = levelErrors(features, trained.dims, queries.levels)
      expect(errors.reduce((a, b) => a + b) / errors.length, String(aligned)).toBeLessThan(6)
      expect(trained.history.at(-1)?.validationContrast).toBeLessThan(
        trained.history[0]?.validationContrast ?? 0,
      )
    }
  })

  it('does not learn from shuffled levels', async () => {
    const frames = training()
    const source = random(9)
    const order = permutation(frames.train.length / size ** 2, source)
    const levels = frames.levels as { train: SliceLevels; validation: SliceLevels }
    const shuffled = {
      ...levels.train,
      mm: levels.train.mm.map((_, i) => levels.train.mm[order[i]!]!),
    }
    const trained = await trainEncoder(
      { ...frames, levels: { train: shuffled, validation: levels.validation } },
      options,
    )
    const honest = await trainEncoder(frames, options)
    const contrast = ({ history }: { history: readonly EpochRecord[] }) =>
      Math.min(...history.map(({ validationContrast }) => validationContrast ?? Infinity))
    // The loss of a random guess among the other slices.
    const chance = Math.log(SLICES * 4 - 1)
    expect(contrast(trained)).toBeGreaterThan(chance - 0.2)
    expect(contrast(honest)).toBeLessThan(chance - 0.35)
  })

  it('starts from principal components and still reconstructs the frame after training', async () => {
    const started = await trainEncoder(training(), { ...options, epochs: 0 })
    expect(started.loss).toBeLessThan(0.02 * started.baselineLoss)
    const trained = await trainEncoder(training(), options)
    expect(trained.loss).toBeLessThan(0.05 * trained.baselineLoss)
  })

  it('refuses frames without positions', async () => {
    const { train, validation } = training()
    await expect(trainEncoder({ train, validation }, options)).rejects.toThrow(
      expect.objectContaining({ code: 'training', message: expect.stringMatching(/positions/) }),
    )
  })

  it('continues an interrupted training to the same weights, bit for bit', async () => {
    const whole = await trainEncoder(training(), options)
    const stop = new AbortController()
    const stopped = trainEncoder(training(), {
      ...options,
      checkpoint: folder,
      signal: stop.signal,
      onEpoch: ({ epoch }) => {
        if (epoch === 3) stop.abort(new Error('killed'))
      },
    })
    await expect(stopped).rejects.toThrow('killed')
    expect(await readdir(folder)).toHaveLength(1)
    const told: number[] = []
    const resumed = await trainEncoder(training(), {
      ...options,
      checkpoint: folder,
      onEpoch: ({ epoch }) => told.push(epoch),
    })
    expect(told).toEqual([1, 2, 3, 4, 5, 6])
    expect(resumed.checksum).toBe(whole.checksum)
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    await trainEncoder(training(), { ...options, epochs: 1 })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('ends within the given number of minutes', async () => {
    const { history } = await trainEncoder(training(), { ...options, epochs: 500, minutes: 0.03 })
    expect(history.length).toBeLessThan(500)
    const seconds = history.map((record) => record.seconds)
    expect(seconds.slice(0, -1).reduce((a, b) => a + b, 0)).toBeLessThan(0.03 * 60)
  })
})

/** For each slice, the distance in mm of its level from that of the nearest slice of another plan. */
function levelErrors(features: Float32Array, dims: number, { plan, mm }: SliceLevels): number[] {
  return Array.from(plan, (own, i) => {
    let [nearest, error] = [Infinity, NaN]
    plan.forEach((other, j) => {
      if (other === own) return
      let distance = 0
      for (let d = 0; d < dims; d++)
        distance += (features[i * dims + d]! - features[j * dims + d]!) ** 2
      if (distance < nearest) [nearest, error] = [distance, Math.abs(mm[i]! - mm[j]!)]
    })
    return error
  })
}
