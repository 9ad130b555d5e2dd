import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { startBackend } from '../../src/encode/backend/backend.js'
import { openEncoder } from '../../src/encode/encoder.js'
import { preprocessingOf } from '../../src/encode/frames/frame.js'
import { principalComponents } from '../../src/encode/architectures/principal-components.js'
import { trainEncoder } from '../../src/encode/training/train.js'
import { phantomFrames } from './phantom.js'

const size = 16
const preprocessing = preprocessingOf('ct', { size })
const frames = {
  train: phantomFrames(300, { size, seed: 1 }),
  validation: phantomFrames(20, { size, seed: 2 }),
}

beforeAll(async () => {
  await startBackend()
})

describe('principalComponents', () => {
  it('agrees with the eigenvectors of the covariance', () => {
    const [dims, count, rows] = [24, 5, 400]
    const source = random(7)
    const vectors = Float32Array.from({ length: rows * dims }, (_, i) => {
      return 3 + source.normal() / (1 + (i % dims))
    })
    const { mean, directions } = principalComponents(vectors, { dims, count, seed: 3 })
    const matrix = Matrix.from1DArray(rows, dims, Array.from(vectors)).center('column')
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
      matrix.transpose().mmul(matrix),
      { assumeSymmetric: true },
    )
    const order = realEigenvalues
      .map((_, i) => i)
      .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)
    for (let component = 0; component < count; component++) {
      const found = directions.subarray(component * dims, (component + 1) * dims)
      const expected = eigenvectorMatrix.getColumn(order[component]!)
      const product = expected.reduce((sum, value, d) => sum + value * found[d]!, 0)
      expect(Math.abs(product)).toBeCloseTo(1, 3)
      expect(
        found.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0),
      ).toBeGreaterThan(0)
    }
    expect(mean[0]).toBeCloseTo(
      vectors.filter((_, i) => i % dims === 0).reduce((a, b) => a + b) / rows,
      4,
    )
  })

  it('refuses fewer vectors than components', () => {
    expect(() =>
      principalComponents(new Float32Array(30), { dims: 3, count: 11, seed: 1 }),
    ).toThrow(expect.objectContaining({ code: 'training' }))
  })
})

describe('a baseline', () => {
  it('with architecture pixels keeps the frame unchanged', async () => {
    const trained = await trainEncoder(frames, { preprocessing, architecture: 'pixels' })
    expect(trained).toMatchObject({ dims: size ** 2, loss: 0 })
    const encoder = await openEncoder(trained)
    expect(encoder.encode(frames.validation)).toEqual(frames.validation)
    expect(encoder.reconstruct(frames.validation)).toEqual(frames.validation)
    encoder.close()
  })

  it('with architecture pca128 returns uncorrelated features and reconstructs the frame', async () => {
    const trained = await trainEncoder(frames, { preprocessing, architecture: 'pca128' })
    const again = await trainEncoder(frames, { preprocessing, architecture: 'pca128' })
    expect(again.checksum).toBe(trained.checksum)
    expect(trained.dims).toBe(128)
    // Even gradients have three components; the rest is rounding.
    expect(trained.loss).toBeLessThan(1e-8)
    const encoder = await openEncoder(trained)
    const features = Matrix.from1DArray(300, 128, Array.from(encoder.encode(frames.train)))
    const products = features.transpose().mmul(features)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < i; j++)
        expect(Math.abs(products.get(i, j))).toBeLessThan(1e-3 * products.get(j, j))
    expect(products.get(0, 0)).toBeGreaterThan(products.get(1, 1))
    expect(products.get(3, 3)).toBeLessThan(1e-6 * products.get(0, 0))
    encoder.close()
  })
})
