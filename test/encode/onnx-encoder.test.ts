import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onnxEncoder, readOnnxModel } from '../../src/encode/onnx/import-onnx.js'
import { parseOnnxDescription } from '../../src/encode/onnx/onnx-description.js'
import { onnxPreprocessing, openOnnxEncoder } from '../../src/encode/onnx/onnx-encoder.js'
import { firstOf } from '../../src/encode/onnx/onnx-runtime.js'
import { turnedFrames } from '../../src/encode/onnx/turned-frames.js'
import { encoderChecksum } from '../../src/encode/trained/checksum.js'
import { onnxBytes } from './onnx-bytes.js'

const SIZE = 8
const described = (fields: object = {}) =>
  parseOnnxDescription(JSON.stringify({ size: SIZE, ...fields }), 'model.json')

/** Two pictures: the first has colours 0.2, 0.4 and 0.6; the second is brighter on its left half. */
const frames = Float32Array.from({ length: 2 * SIZE * SIZE * 3 }, (_, at) => {
  const [pixel, channel] = [Math.floor(at / 3) % (SIZE * SIZE), at % 3]
  if (at < SIZE * SIZE * 3) return 0.2 * (channel + 1)
  return pixel % SIZE < SIZE / 2 ? 0.9 : 0.1
})

async function vectorsOf(fields: object, batch?: number): Promise<number[]> {
  const model = onnxBytes(SIZE, batch === undefined ? {} : { batch })
  const encoder = await openOnnxEncoder(await onnxEncoder(model, described(fields)))
  try {
    return Array.from(await encoder.encode(frames), (value) => Math.round(value * 1e4) / 1e4)
  } finally {
    await encoder.close()
  }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-onnx-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('an ONNX model', () => {
  it('returns a vector for each picture and determines its length', async () => {
    const trained = await onnxEncoder(onnxBytes(SIZE), described())
    expect(trained).toMatchObject({ architecture: 'onnx', dims: 3 })
    expect(await vectorsOf({})).toEqual([0.2, 0.4, 0.6, 0.5, 0.5, 0.5])
    expect(await vectorsOf({}, 1)).toEqual([0.2, 0.4, 0.6, 0.5, 0.5, 0.5])
  })

  it('receives its input as its description says', async () => {
    expect((await vectorsOf({ colour: 'bgr' })).slice(0, 3)).toEqual([0.6, 0.4, 0.2])
    expect((await vectorsOf({ white: 255 })).slice(0, 3)).toEqual([51, 102, 153])
    const scaled = await vectorsOf({ mean: [0.1, 0.2, 0.3], std: [0.5, 1, 2] })
    expect(scaled.slice(0, 3)).toEqual([0.2, 0.2, 0.15])
    expect((await vectorsOf({ normalise: true })).slice(3)).toEqual([0.5774, 0.5774, 0.5774])
    expect(await vectorsOf({ output: 'map', pool: 'mean' })).toEqual(await vectorsOf({}))
    expect(await vectorsOf({ output: 'map' })).toHaveLength(2 * 3 * SIZE * SIZE)
  })

  it('accepts the CT of slices, with a window and a crop from the description', async () => {
    const ct = { colour: 'ct', window: [-100, 300], crop: 'body' }
    const { preprocessing } = await onnxEncoder(onnxBytes(SIZE), described(ct))
    expect(preprocessing).toEqual({
      planes: [{ channel: 'ct', low: -100, high: 300, ceiling: 1, unit: 'HU' }],
      size: SIZE,
      crop: 'body',
    })
    expect(onnxPreprocessing(described({ colour: 'ct', channels: 1 }))).toMatchObject({
      planes: [{ low: -160, high: 240 }],
      crop: 'raster',
    })
    expect(() => described({ window: [0, 1] })).toThrow('window and crop are for colour "ct"')
    expect(() => described({ ...ct, window: [1, 1] })).toThrow('black is not below white')
  })

  it('is refused if the stored fields do not match the description', async () => {
    const encoder = await onnxEncoder(onnxBytes(SIZE, {}), described())
    for (const change of [
      { topology: { size: 64 } },
      { topology: { ...described(), channels: 1e9 } },
      { preprocessing: { ...encoder.preprocessing, size: 2 * SIZE } },
    ]) {
      const changed = { ...encoder, ...change } as typeof encoder
      const brought = { ...changed, checksum: encoderChecksum(changed) }
      await expect(openOnnxEncoder(brought)).rejects.toMatchObject({ code: 'bad_input' })
    }
  })

  it('averages over the eight orientations of a picture', async () => {
    const all = await vectorsOf({ output: 'map', turns: true })
    const map = all.slice(3 * SIZE * SIZE, 4 * SIZE * SIZE)
    expect(new Set(map)).toEqual(new Set([0.5]))
    const shape = { size: 2, planes: 1 }
    const turned = Array.from({ length: 8 }, (_, turn) =>
      turnedFrames(Float32Array.of(1, 2, 3, 4), shape, turn).join(''),
    )
    expect(turned[0]).toBe('1234')
    expect(new Set(turned)).toHaveLength(8)
  })

  it('is read from its file and the JSON file beside it', async () => {
    const model = join(folder, 'model.onnx')
    await writeFile(model, onnxBytes(SIZE))
    await expect(readOnnxModel(model)).rejects.toMatchObject({
      message: expect.stringMatching(/model\.json does not exist$/) as string,
      hint: expect.stringContaining('{ "size": 224 }') as string,
    })
    await writeFile(join(folder, 'model.json'), '{ "size": 8 }')
    expect((await readOnnxModel(model)).dims).toBe(3)
    await expect(readOnnxModel(join(folder, 'none.onnx'))).rejects.toThrow('does not exist')
    await expect(readOnnxModel(join(folder, 'model.pt'))).rejects.toThrow('does not end with .onnx')
  })

  it.each([
    ['is none', Uint8Array.of(1, 2, 3), {}, 'the model does not load'],
    ['takes another size', onnxBytes(16), {}, 'the model does not take 2 x 3 x 8 x 8'],
    ['takes half precision', onnxBytes(SIZE, { type: 10 }), {}, 'is float16, not float32'],
    ['takes four at once', onnxBytes(SIZE, { batch: 4 }), {}, 'takes 4 pictures at once'],
    ['lacks an output', onnxBytes(SIZE), { output: 'cls' }, 'no output "cls", but mean, map'],
    ['has too few axes to pool', onnxBytes(SIZE), { pool: 'mean' }, '2 x 3 is not pooled'],
  ])('is refused if it %s', async (_, model, fields, message) => {
    await expect(onnxEncoder(model, described(fields))).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining(message) as string,
    })
  })
})

describe('the description of an ONNX model', () => {
  it.each([
    ['{', 'model.json: it is not JSON'],
    ['[]', 'model.json: Invalid input: expected object'],
    ['{}', 'model.json: size: Invalid input: expected number'],
    ['{"size":8,"sice":8}', 'Unrecognized key: "sice"'],
    ['{"size":8,"mean":[0.5]}', 'mean: has 1 numbers for 3 channels'],
    ['{"size":8,"std":[1,0,1]}', 'std: has a number that is not positive'],
    ['{"size":8,"channels":1}', 'channels: 1 is for colour "grey" or "ct", not "rgb"'],
    ['{"size":8,"colour":"cmyk","pool":"max"}', 'colour: Invalid option'],
  ])('is refused if it is invalid: %s', (text, message) => {
    expect(() => parseOnnxDescription(text, 'model.json')).toThrow(message)
  })

  it('has defaults for missing fields', () => {
    expect(described({ colour: 'grey', channels: 1 })).toMatchObject({
      layout: 'nchw',
      white: 1,
      mean: [0],
      std: [1],
      pool: 'none',
    })
  })
})

describe('ONNX Runtime', () => {
  it('is refused with a hint to install it if it is missing', async () => {
    await expect(firstOf(['onnxruntime-of-nobody'])).rejects.toMatchObject({
      code: 'backend',
      message: 'models in ONNX are computed by ONNX Runtime, which is not installed',
      hint: expect.stringContaining('npm install onnxruntime-web') as string,
    })
  })
})
