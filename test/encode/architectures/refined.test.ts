import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../../src/core/random.js'
import { startBackend } from '../../../src/encode/backend/backend.js'
import { openEncoder } from '../../../src/encode/encoder.js'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { trainEncoder } from '../../../src/encode/training/train.js'

const size = 16
const preprocessing = preprocessingOf('ct', { size })
const frames = { train: discs(200, 1), validation: discs(60, 2) }

/** Frames of discs at any place and of any size: few numbers describe them, but they are no sum of few pictures. */
function discs(count: number, seed: number): Float32Array {
  const source = random(seed)
  const out = new Float32Array(count * size * size)
  for (let n = 0; n < count; n++) {
    const [x, y] = [5 + 6 * source.uniform(), 5 + 6 * source.uniform()]
    const radius = 2 + 3 * source.uniform()
    for (let i = 0; i < size * size; i++) {
      const far = Math.hypot((i % size) - x, Math.floor(i / size) - y)
      out[n * size * size + i] = Math.max(0, Math.min(1, 2 * (radius - far)))
    }
  }
  return out
}

beforeAll(async () => {
  await startBackend()
})

describe('the refined architecture', () => {
  it('starts as principal components and reconstructs unseen frames better after ten epochs', async () => {
    const options = { preprocessing, architecture: 'refined' }
    const linear = await trainEncoder(frames, { preprocessing, architecture: 'pca128' })
    const start = await trainEncoder(frames, { ...options, epochs: 0 })
    expect(start.dims).toBe(128)
    expect(start.loss / linear.loss).toBeCloseTo(1, 3)
    const trained = await trainEncoder(frames, { ...options, epochs: 10 })
    expect(trained.loss).toBeLessThan(0.9 * linear.loss)
    const [before, after] = [await openEncoder(start), await openEncoder(trained)]
    const one = frames.validation.subarray(0, size ** 2)
    // The features are learned and differ from the principal components.
    expect(after.encode(one)).not.toEqual(before.encode(one))
    before.close()
    after.close()
  })
})
