import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEncoder } from '../../src/encode/encoder.js'
import { preprocessingOf } from '../../src/encode/frames/frame.js'
import { trainEncoder } from '../../src/encode/training/train.js'
import type { TrainedEncoder } from '../../src/encode/trained/trained-encoder.js'
import { phantomFrames } from './phantom.js'

const size = 16
const frames = phantomFrames(30, { size, seed: 3 })

describe('openEncoder', () => {
  let trained: TrainedEncoder
  beforeAll(async () => {
    trained = await trainEncoder(
      {
        train: phantomFrames(64, { size, seed: 1 }),
        validation: phantomFrames(16, { size, seed: 2 }),
      },
      {
        preprocessing: preprocessingOf('ct', { size }),
        epochs: 10,
        learningRate: 0.01,
      },
    )
  })

  it('computes the same after storage as jsonb and bytea', async () => {
    const { weights, ...rest } = trained
    const json = JSON.parse(JSON.stringify(shuffled(rest))) as Omit<TrainedEncoder, 'weights'>
    const stored = { ...json, weights: new Uint8Array(Buffer.from(weights)) }
    const before = await openEncoder(trained)
    const after = await openEncoder(stored)
    expect(after.encode(frames)).toEqual(before.encode(frames))
    expect(after.reconstruct(frames)).toEqual(before.reconstruct(frames))
    before.close()
    after.close()
  })

  it('accepts weights at any offset of a larger buffer, as pg returns them', async () => {
    const pool = new Uint8Array(trained.weights.length + 3)
    pool.set(trained.weights, 3)
    const encoder = await openEncoder({ ...trained, weights: pool.subarray(3) })
    expect(encoder.dims).toBe(trained.dims)
    encoder.close()
  })

  it('reaches the validation error that the training reports', async () => {
    const validation = phantomFrames(16, { size, seed: 2 })
    const encoder = await openEncoder(trained)
    const images = encoder.reconstruct(validation)
    const error = images.reduce((sum, value, i) => sum + (value - (validation[i] ?? 0)) ** 2, 0)
    expect(error / images.length).toBeCloseTo(trained.loss, 6)
    encoder.close()
  })

  it('returns the same features for every batch size', async () => {
    const whole = await openEncoder(trained)
    const single = await openEncoder(trained, { batchSize: 7 })
    const codes = whole.encode(frames)
    expect(codes.length).toBe(30 * trained.dims)
    expect(single.encode(frames)).toEqual(codes)
    expect(whole.encode(new Float32Array(0)).length).toBe(0)
    whole.close()
    single.close()
  })

  it('refuses an encoder whose weights, preprocessing or layers were changed', async () => {
    const weights = trained.weights.slice()
    weights[5] = (weights[5] ?? 0) ^ 1
    const topology = JSON.parse(JSON.stringify(trained.topology).replace('"relu"', '"tanh"'))
    const changed: TrainedEncoder[] = [
      { ...trained, weights },
      { ...trained, preprocessing: { ...trained.preprocessing, crop: 'body' } },
      { ...trained, topology },
    ]
    for (const encoder of changed) {
      await expect(openEncoder(encoder)).rejects.toThrow(
        expect.objectContaining({ code: 'bad_input', message: expect.stringMatching(/checksum/) }),
      )
    }
  })

  it('accepts an encoder with another history', async () => {
    const encoder = await openEncoder({ ...trained, history: [] })
    encoder.close()
  })

  it('refuses an array that is not a whole number of frames', async () => {
    const encoder = await openEncoder(trained)
    expect(() => encoder.encode(frames.subarray(1))).toThrow(
      expect.objectContaining({ code: 'LSH02' }),
    )
    encoder.close()
  })

  it('frees its memory when it is closed', async () => {
    const before = tf.memory().numTensors
    const encoder = await openEncoder(trained)
    encoder.encode(frames)
    encoder.close()
    expect(tf.memory().numTensors).toBe(before)
  })
})

/** The same data with the keys of every object in another order, as jsonb may return them. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, shuffled(part)]),
  )
}
