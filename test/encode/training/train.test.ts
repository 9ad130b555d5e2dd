import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { startBackend } from '../../../src/encode/backend/backend.js'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { trainEncoder } from '../../../src/encode/training/train.js'
import type { TrainOptions } from '../../../src/encode/training/train-options.js'
import type { EpochRecord } from '../../../src/encode/trained/trained-encoder.js'
import { phantomFrames } from '../phantom.js'

const size = 16
const preprocessing = preprocessingOf('ct', { size })
const frames = {
  train: phantomFrames(64, { size, seed: 1 }),
  validation: phantomFrames(16, { size, seed: 2 }),
}
const options: TrainOptions = { preprocessing, epochs: 10, learningRate: 0.01 }

describe('trainEncoder', () => {
  it('reaches a lower error than the mean image, and reports its history', async () => {
    const records: EpochRecord[] = []
    const trained = await trainEncoder(frames, { ...options, onEpoch: (r) => records.push(r) })
    expect(trained).toMatchObject({ architecture: 'shallow', preprocessing, seed: 1 })
    expect(trained.dims).toBe((size / 8) ** 2 * 4)
    expect(trained.loss).toBeLessThan(0.75 * trained.baselineLoss)
    expect(trained.quality).toEqual([])
    expect(trained.history).toEqual(records)
    expect(records.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(trained.backend).toBe((await startBackend()).name)
  })

  it('keeps the weights of the best epoch', async () => {
    const { loss, history } = await trainEncoder(frames, options)
    expect(loss).toBe(Math.min(...history.map(({ validationLoss }) => validationLoss)))
  })

  it('returns the same weights for the same seed, bit for bit, and others for another', async () => {
    const first = await trainEncoder(frames, options)
    const again = await trainEncoder(frames, options)
    expect(again.weights).toEqual(first.weights)
    expect(again.checksum).toBe(first.checksum)
    expect(losses(again.history)).toEqual(losses(first.history))
    const other = await trainEncoder(frames, { ...options, seed: 2 })
    expect(other.checksum).not.toBe(first.checksum)
  })

  it('stops early when the validation error no longer decreases', async () => {
    // So few frames are soon overfitted.
    const few = { ...frames, train: frames.train.subarray(0, 16 * size ** 2) }
    const long = { ...options, epochs: 200, patience: 2 }
    const { history } = await trainEncoder(few, long)
    const best = history.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a))
    expect(history.length).toBeLessThan(200)
    expect(history.length).toBe(best.epoch + 2)
  })

  it('refuses a training that is not better than the mean image', async () => {
    await expect(trainEncoder(frames, { ...options, learningRate: 0, epochs: 1 })).rejects.toThrow(
      expect.objectContaining({ code: 'training', message: expect.stringMatching(/mean image/) }),
    )
    await expect(trainEncoder(frames, { ...options, epochs: 0 })).rejects.toThrow(/mean image/)
  })

  it('refuses to train without validation frames, on broken frames or with an unknown architecture', async () => {
    const none = new Float32Array(0)
    await expect(trainEncoder({ ...frames, validation: none }, options)).rejects.toThrow(
      expect.objectContaining({ code: 'training' }),
    )
    await expect(
      trainEncoder({ ...frames, train: frames.train.subarray(1) }, options),
    ).rejects.toThrow(expect.objectContaining({ code: 'LSH02' }))
    await expect(trainEncoder(frames, { ...options, architecture: 'huge' })).rejects.toThrow(
      expect.objectContaining({ code: 'bad_usage', hint: expect.stringContaining('shallow') }),
    )
  })

  it('refuses a size that the architecture cannot reconstruct', async () => {
    const odd = { train: new Float32Array(400), validation: new Float32Array(400) }
    const twenty = { ...options, preprocessing: preprocessingOf('ct', { size: 20 }) }
    await expect(trainEncoder(odd, twenty)).rejects.toThrow(/frame of 20 x 20/)
  })

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('the user pressed a key')
    const epochs: number[] = []
    const onEpoch = ({ epoch }: EpochRecord) => {
      epochs.push(epoch)
      controller.abort(reason)
    }
    const training = trainEncoder(frames, { ...options, onEpoch, signal: controller.signal })
    await expect(training).rejects.toBe(reason)
    expect(epochs).toEqual([1])
  })

  it('leaves no tensor behind, whether it succeeds or fails', async () => {
    await startBackend()
    const before = tf.memory().numTensors
    await trainEncoder(frames, options)
    await trainEncoder(frames, { ...options, epochs: 0 }).catch(() => null)
    await trainEncoder(frames, { ...options, signal: AbortSignal.abort() }).catch(() => null)
    expect(tf.memory().numTensors).toBe(before)
  })
})

function losses(history: readonly EpochRecord[]) {
  return history.map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss])
}
