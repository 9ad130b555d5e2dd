import { describe, expect, it } from 'vitest'
import { Matrix } from 'ml-matrix'
import type { Raster } from '../../src/core/picture.js'
import { random } from '../../src/core/random.js'
import { startBackend } from '../../src/encode/backend/backend.js'
import { openEncoder } from '../../src/encode/encoder.js'
import { fisherProjection } from '../../src/encode/architectures/fisher-projection.js'
import { picturePreprocessing } from '../../src/encode/frames/picture-frame.js'
import {
  greyTexture,
  GREY_TEXTURE_NAMES,
  texture,
  TEXTURE_NAMES,
} from '../../src/encode/frames/texture.js'
import { trainEncoder } from '../../src/encode/training/train.js'

function noise(rows: number, columns: number, channels: 1 | 3): Raster {
  const source = random(rows)
  const pixels = Uint8Array.from(
    { length: rows * columns * channels },
    () => 255 * source.uniform(),
  )
  return { rows, columns, channels, pixels }
}

/** Exchanges rows and columns, which mirrors and rotates. */
function transposed({ rows, columns, channels, pixels }: Raster): Raster {
  const out = new Uint8Array(pixels.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let c = 0; c < channels; c++)
        out[(column * rows + row) * channels + c] = pixels[(row * columns + column) * channels + c]!
  return { rows: columns, columns: rows, channels, pixels: out }
}

describe('texture', () => {
  it('has a name for each feature', () => {
    expect(texture(noise(40, 24, 3))).toHaveLength(TEXTURE_NAMES.length)
    expect(greyTexture(noise(40, 24, 1))).toHaveLength(GREY_TEXTURE_NAMES.length)
    expect(new Set(TEXTURE_NAMES)).toHaveLength(TEXTURE_NAMES.length)
  })

  it.each([1, 3] as const)(
    'of %i channels is unchanged when a picture is transposed',
    (channels) => {
      const picture = noise(64, 32, channels)
      const turned = texture(transposed(picture))
      texture(picture).forEach((value, i) => expect(turned[i]).toBeCloseTo(value, 6))
    },
  )

  it.each([
    [1, 1],
    [2, 3],
    [1, 200],
    [256, 256],
  ])('is finite for %i x %i pixels', (rows, columns) => {
    expect(texture(noise(rows, columns, 3)).every(Number.isFinite)).toBe(true)
    expect(greyTexture(noise(rows, columns, 3)).every(Number.isFinite)).toBe(true)
  })
})

/** Sources of three rows that vary along the first axis, in two classes that differ a little along the second. */
function made(sources: number) {
  const normal = random(5)
  const [rows, source, label]: [number[][], number[], number[]] = [[], [], []]
  for (let s = 0; s < sources; s++) {
    const own = Array.from({ length: 6 }, () => normal.normal())
    for (let version = 0; version < 3; version++) {
      const row = own.map((value) => value + 0.02 * normal.normal())
      row[0]! += 5 * normal.normal()
      row[1] = 0.5 * (s % 2) + 0.1 * normal.normal()
      rows.push(row)
      source.push(s)
      label.push(s % 2)
    }
  }
  return { rows, groups: { source: Int32Array.from(source), label: Int32Array.from(label) } }
}

/** Share of the k nearest rows that belong to the same group. */
function shareAlike(rows: readonly number[][], group: Int32Array, k: number): number {
  const distance = (a: number, b: number) =>
    Math.hypot(...rows[a]!.map((value, d) => value - rows[b]![d]!))
  const alike = rows.flatMap((_, row) =>
    [...rows.keys()]
      .filter((other) => other !== row)
      .sort((a, b) => distance(row, a) - distance(row, b))
      .slice(0, k)
      .filter((other) => group[other] === group[row]),
  )
  return alike.length / (k * rows.length)
}

describe('fisher', () => {
  it('brings versions of a source together and separates classes', () => {
    const { rows, groups } = made(40)
    const matrix = new Matrix(rows).center('column')
    const mapped = matrix.mmul(fisherProjection(matrix, groups, 6)).to2DArray()
    const { source, label } = groups
    expect(shareAlike(matrix.to2DArray(), source, 2)).toBeLessThan(0.4)
    expect(shareAlike(mapped, source, 2)).toBeGreaterThan(0.7)
    expect(shareAlike(matrix.to2DArray(), label, 10)).toBeLessThan(0.7)
    expect(shareAlike(mapped, label, 10)).toBeGreaterThan(0.9)
  })

  it('is trained as an encoder, also on fewer pictures than axes', async () => {
    await startBackend()
    const { rows, groups } = made(20)
    const preprocessing = {
      ...picturePreprocessing('histogram'),
      planes: ['a', 'b', 'c', 'd', 'e', 'f'],
    }
    const frames = Float32Array.from(rows.flat())
    const trained = await trainEncoder(
      { train: frames, validation: frames, groups: { train: groups, validation: groups } },
      { preprocessing, architecture: 'fisher' },
    )
    expect(trained.dims).toBe(64)
    const encoder = await openEncoder(trained)
    const vectors = encoder.encode(frames)
    encoder.close()
    expect(vectors.every(Number.isFinite)).toBe(true)
    expect(vectors.subarray(7, 64).every((value) => value === 0)).toBe(true)
  })

  it('is also fitted to the validation pictures once they have determined its loss', async () => {
    const preprocessing = {
      ...picturePreprocessing('histogram'),
      planes: ['a', 'b', 'c', 'd', 'e', 'f'],
    }
    const [own, other, third] = [made(20), made(12), made(8)]
    const frames = ({ rows }: typeof own) => Float32Array.from(rows.flat())
    const train = (validation: typeof own) =>
      trainEncoder(
        {
          train: frames(own),
          validation: frames(validation),
          groups: { train: own.groups, validation: validation.groups },
        },
        { preprocessing, architecture: 'fisher' },
      )
    const [one, same, another] = [await train(other), await train(other), await train(third)]
    expect(one.checksum).toBe(same.checksum)
    expect(one.checksum).not.toBe(another.checksum)
    expect(one.history[0]!.trainLoss).toBe(another.history[0]!.trainLoss)
  })
})
