import { describe, expect, it } from 'vitest'
import { random } from '../../../src/core/random.js'
import { augmentPicture } from '../../../src/encode/training/augment-picture.js'
import { openEncoder } from '../../../src/encode/encoder.js'
import { picturePreprocessing } from '../../../src/encode/frames/picture-frame.js'
import { pictureSimilarityTargets } from '../../../src/encode/training/picture-similarity-targets.js'
import { trainEncoder } from '../../../src/encode/training/train.js'

const SIZE = 16

/** Noisy vertical or horizontal stripes, in two classes. */
function stripes(count: number, seed: number): Float32Array {
  const source = random(seed)
  const out = new Float32Array(count * SIZE * SIZE)
  for (let i = 0; i < count; i++) {
    const phase = source.uniform() * 4
    for (let p = 0; p < SIZE * SIZE; p++) {
      const at = i % 2 === 0 ? p % SIZE : Math.floor(p / SIZE)
      out[i * SIZE * SIZE + p] = 0.5 + 0.4 * Math.sin((at + phase) * 1.5) + 0.05 * source.normal()
    }
  }
  return out
}

const groups = (count: number) => ({
  source: Int32Array.from({ length: count }, (_, i) => i),
  label: Int32Array.from({ length: count }, (_, i) => i % 2),
})

describe('an encoder of images', () => {
  it('learns the classes, with the same weights for the same seed', async () => {
    const preprocessing = picturePreprocessing('grey', SIZE)
    const frames = {
      train: stripes(112, 1),
      validation: stripes(32, 2),
      groups: { train: groups(112), validation: groups(32) },
    }
    const options = { preprocessing, architecture: 'deep', epochs: 4, seed: 3 }
    const trained = await trainEncoder(frames, options)
    expect(trained).toMatchObject({ dims: 128, preprocessing })
    const contrasts = trained.history.map(({ validationContrast = NaN }) => validationContrast)
    expect(contrasts.at(-1)).toBeLessThan(contrasts[0]!)
    const again = await trainEncoder(frames, options)
    expect(again.checksum).toBe(trained.checksum)
    const encoder = await openEncoder(trained)
    const features = encoder.encode(stripes(40, 4))
    encoder.close()
    const right = Array.from({ length: 40 }, (_, i) => nearest(features, i) % 2 === i % 2)
    expect(right.filter(Boolean).length).toBeGreaterThan(34)
  })

  it('refuses frames without groups', async () => {
    const preprocessing = picturePreprocessing('grey', SIZE)
    const frames = { train: stripes(112, 1), validation: stripes(8, 2) }
    const training = trainEncoder(frames, { preprocessing, architecture: 'deep', epochs: 1 })
    await expect(training).rejects.toMatchObject({ code: 'training' })
  })

  it('standardises descriptions to mean 0 and variance 1 over the training frames', async () => {
    const preprocessing = { ...picturePreprocessing('histogram'), planes: ['a', 'b'] }
    const train = Float32Array.of(1, 100, 3, 300, 5, 500)
    const frames = { train, validation: train, groups: { train: groups(3), validation: groups(3) } }
    const trained = await trainEncoder(frames, { preprocessing, architecture: 'standard' })
    const encoder = await openEncoder(trained)
    const features = encoder.encode(train)
    encoder.close()
    const edge = Math.sqrt(1.5)
    ;[-edge, -edge, 0, 0, edge, edge].forEach((value, i) =>
      expect(features[i]).toBeCloseTo(value, 4),
    )
  })
})

function nearest(features: Float32Array, query: number): number {
  const distance = (other: number) => {
    let sum = 0
    for (let d = 0; d < 128; d++)
      sum += (features[query * 128 + d]! - features[other * 128 + d]!) ** 2
    return sum
  }
  const others = Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== query)
  return others.reduce((best, one) => (distance(one) < distance(best) ? one : best))
}

describe('pictureSimilarityTargets', () => {
  it('divides the target equally between the source and the class of a frame', () => {
    const { shares, mask } = pictureSimilarityTargets(Int32Array.of(0, 1, 2, 0), {
      source: Int32Array.of(7, 8, 7),
      label: Int32Array.of(1, 1, -1),
    })
    // Frame 3 has the source of frame 1, frame 2 has its class, and frame 4 is its copy, with both.
    expect([...shares.subarray(0, 4)]).toEqual([0, 0.25, 0.25, 0.5])
    expect([...shares.subarray(8, 12)]).toEqual([0.5, 0, 0, 0.5])
    expect([mask[0], mask[1]]).toEqual([-1e9, 0])
  })
})

describe('augmentPicture', () => {
  const shape = { size: 8, planes: 3 }
  const frame = Float32Array.from({ length: 192 }, (_, i) => (i % 3 === 0 ? 0.8 : 0.3))

  it('changes the stain of tissue slightly and creates no black edge', () => {
    const seen = augmentPicture(frame, shape, { source: random(1), picture: 'colour' })
    expect(seen).not.toEqual(frame)
    expect(Math.min(...seen)).toBeGreaterThan(0.15)
    expect(augmentPicture(frame, shape, { source: random(1), picture: 'colour' })).toEqual(seen)
  })

  it('leaves the air of a grey image black', () => {
    const air = new Float32Array(64)
    expect(
      augmentPicture(air, { size: 8, planes: 1 }, { source: random(1), picture: 'grey' }),
    ).toEqual(air)
  })
})
