import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { encodeVector } from '../../src/hash/encode.js'
import { assertFamily } from '../../src/hash/assert-family.js'
import { trainDirections, trainFamily } from '../../src/hash/train-family.js'
import { TRAIN_METHODS, type TrainMethod } from '../../src/hash/train-options.js'
import { clumps, encodeAll, endToEnd, thrownBy } from './sample.js'

const sample = clumps({ dims: 12, rows: 600, seed: 5 })
/** The clusters are the classes and lie far apart. */
const labels = Int32Array.from(sample, (_, row) => row % 10)
const trained = (method: TrainMethod, more: object = {}) =>
  trainFamily(sample, {
    ...{ name: 'trained', method, bits: 48, seed: 2, steps: 60 },
    ...(method === 'discriminants' && { labels }),
    ...more,
  })

describe.each(TRAIN_METHODS)('trainFamily by %s', (method) => {
  const { family, figures } = trained(method)

  it('creates an ordinary family with a matching checksum', () => {
    assertFamily(family)
    expect(family).toMatchObject({ kind: 'cosine', bits: 48, dims: 12, seed: 2 })
    const { codes } = encodeAll(family, endToEnd(sample.slice(0, 50)))
    codes.forEach((code, i) =>
      expect(code.hamming(encodeVector(family, sample[i]!))).toBeLessThan(2),
    )
  })

  it('finds at least as many neighbours of held-out rows as an untrained family', () => {
    expect(figures.trained).toBeGreaterThanOrEqual(figures.untrained)
    expect(figures.held_out).toBe(120)
    expect(figures.bandwidths).toEqual(figures.bandwidths.toSorted((a, b) => a - b))
  })

  it('returns the same family for the same seed, and reports progress', () => {
    const told: number[] = []
    const again = trained(method, { onProgress: (share: number) => told.push(share) })
    expect(again.family.checksum).toBe(family.checksum)
    expect(again.figures).toEqual(figures)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(told.at(-1)).toBeLessThanOrEqual(1)
    expect(trained(method, { seed: 3 }).family.checksum).not.toBe(family.checksum)
  })

  it('compares no two vectors of one owner, and learns from labels', () => {
    const owners = Int32Array.from(sample, (_, row) => row % 40)
    const { figures } = trained(method, { owners, labels })
    expect(figures.trained).toBeGreaterThan(0.9)
    expect(figures.held_out).toBe(120)
  })
})

describe('trainDirections', () => {
  it('separates classes by discriminants, along which rows of one class differ little', () => {
    const source = random(9)
    const classes = Int32Array.from({ length: 400 }, (_, row) => row % 3)
    const rows = Array.from(classes, (label) =>
      Float32Array.from({ length: 24 }, (_, d) =>
        d < 2 ? source.normal() * 0.2 + Number(label === d) : source.normal(),
      ),
    )
    const options = { method: 'discriminants', bits: 32, labels: classes } as const
    const { figures, code } = trainDirections(rows, options)
    expect(figures.trained).toBeGreaterThan(figures.untrained + 0.2)
    expect(new Set(code.phase)).toEqual(new Set([-Math.PI / 2]))
  })

  it('refuses discriminants without classes, for kind kernel, or with too many dimensions', () => {
    const train = (options: object) => () =>
      trainDirections(sample, { method: 'discriminants', bits: 32, ...options })
    expect(thrownBy(train({}))).toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining('--labels') as string,
    })
    expect(thrownBy(train({ labels, kind: 'kernel' }))).toMatchObject({ code: 'bad_usage' })
    const long = sample.map(() => new Float32Array(1025))
    long.forEach((vector, row) => (vector[row] = 1))
    expect(
      thrownBy(() => trainDirections(long, { method: 'discriminants', bits: 32, labels })),
    ).toMatchObject({ message: 'method "discriminants" takes 1024 dimensions, not 1025' })
  })

  it('finds more neighbours than an untrained family if most directions are noise', () => {
    const source = random(8)
    const narrow = Array.from({ length: 1000 }, () =>
      Float32Array.from({ length: 32 }, (_, d) => source.normal() * (d < 6 ? 1 : 0.05)),
    )
    const { figures } = trainDirections(narrow, { method: 'rank', bits: 64, steps: 0 })
    expect(figures.trained).toBeGreaterThan(1.3 * figures.untrained)
    expect(figures.details.axes).toBeLessThanOrEqual(32)
  })

  it('keeps the random thresholds of kind kernel', () => {
    const { code, kind } = trainDirections(sample, {
      method: 'schoenberg',
      kind: 'kernel',
      bits: 32,
      steps: 20,
    })
    expect(kind).toBe('kernel')
    expect(code.threshold.some((threshold) => threshold !== 0)).toBe(true)
  })

  it.each([
    ['too few vectors', sample.slice(0, 100), {}, 'LSH03'],
    ['equal vectors', sample.map(() => new Float32Array(12)), {}, 'LSH03'],
    ['too few bits', sample, { bits: 8 }, 'bad_usage'],
    ['a kind that has nothing to learn', sample, { kind: 'kernel' }, 'bad_usage'],
    ['labels for others', sample, { labels: new Int32Array(3) }, 'bad_usage'],
    ['too few patients', sample, { owners: Int32Array.from(sample, (_, i) => i % 3) }, 'LSH03'],
  ] as const)('refuses %s', (_, vectors, more, code) => {
    const call = () => trainDirections(vectors, { method: 'rank', bits: 48, ...more })
    expect(thrownBy(call)).toMatchObject({ code, hint: expect.any(String) as string })
  })

  it('refuses labels of only one class', () => {
    const labels = new Int32Array(sample.length)
    const call = () => trainDirections(sample, { method: 'particles', bits: 48, labels })
    expect(thrownBy(call)).toMatchObject({ code: 'LSH03' })
  })
})
