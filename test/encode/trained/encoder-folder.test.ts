import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { loadLayersModel, model } from '@tensorflow/tfjs-layers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend } from '../../../src/encode/backend/backend.js'
import { encoderChecksum } from '../../../src/encode/trained/checksum.js'
import { assertEncodes } from '../../../src/encode/describe-encoder.js'
import {
  readEncoderFolder,
  writeEncoderFolder,
  type PackedEncoder,
} from '../../../src/encode/trained/encoder-folder.js'
import { openEncoder } from '../../../src/encode/encoder.js'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { trainEncoder } from '../../../src/encode/training/train.js'
import type { TrainedEncoder } from '../../../src/encode/trained/trained-encoder.js'
import { phantomFrames } from '../phantom.js'

const size = 16
let folder: string
let packed: PackedEncoder

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-encoder-'))
  packed = {
    name: 'small',
    dataset: 'made',
    patients: [{ dataset: 'made', pseudonym: 'pt_1' }],
    trained: await trained('shallow'),
  }
  await writeEncoderFolder(join(folder, 'whole'), packed)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function trained(architecture: string): Promise<TrainedEncoder> {
  const frames = {
    train: phantomFrames(140, { size, seed: 1 }),
    validation: phantomFrames(16, { size, seed: 2 }),
  }
  const preprocessing = preprocessingOf('ct', { size })
  return trainEncoder(frames, { architecture, preprocessing, epochs: 6, learningRate: 0.01 })
}

/** A copy of the folder in which one file is changed. */
async function changed(name: string, file: string, change: (text: string) => string) {
  const copy = join(folder, name)
  await cp(join(folder, 'whole'), copy, { recursive: true })
  await writeFile(join(copy, file), change(await readFile(join(copy, file), 'utf8')))
  return copy
}

describe('an exported folder', () => {
  it('is read as the encoder that was written, with all of its parts', async () => {
    expect(await readEncoderFolder(join(folder, 'whole'))).toEqual(packed)
    await assertEncodes(packed.trained)
  })

  it.each(['shallow', 'pixels', 'pca128'])(
    'of %s can be loaded by TensorFlow.js alone, with the same features',
    async (architecture) => {
      await startBackend()
      const one = { ...packed, trained: await trained(architecture) }
      const dir = join(folder, `plain-${architecture}`)
      await writeEncoderFolder(dir, one)
      // Uses the reader of the library for model.json, which fetches the files that the manifest names.
      const whole = await loadLayersModel(
        tf.io.http('http://encoder/model.json', {
          fetchFunc: async (url) =>
            new Response(await readFile(join(dir, basename(url as string))), {
              headers: { 'content-type': 'application/json' },
            }),
        }),
      )
      const { featureLayer } = JSON.parse(
        await readFile(join(dir, 'encoder.json'), 'utf8'),
      ) as TrainedEncoder
      const half = model({ inputs: whole.inputs, outputs: whole.getLayer(featureLayer).output })
      const frames = phantomFrames(5, { size, seed: 7 })
      const features = half.predict(tf.tensor4d(frames, [5, size, size, 1])) as tf.Tensor
      const encoder = await openEncoder(one.trained)
      expect(await features.data()).toEqual(encoder.encode(frames))
      encoder.close()
      whole.dispose()
    },
  )

  it('does not overwrite a folder that is not empty', async () => {
    await expect(writeEncoderFolder(join(folder, 'whole'), packed)).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringContaining('not empty'),
    })
  })
})

/** The type of the last weight; layers have types too, which come first. */
const LAST_TYPE = /"float32"(?![^]*"float32")/

describe('readEncoderFolder', () => {
  it.each([
    ['no JSON', 'encoder.json', () => '{', /encoder\.json is not JSON/],
    ['a list', 'encoder.json', () => '[]', /encoder\.json is not an object/],
    ['another format', 'encoder.json', replace('pg-lsh-encoder', 'other'), /format is "other"/],
    ['a later version', 'encoder.json', replace('"version": 1', '"version": 2'), /version is 2/],
    ['no checksum', 'encoder.json', replace('"checksum"', '"sum"'), /checksum is missing/],
    ['a false type', 'encoder.json', replace(/"dims": \d+/, '"dims": "4"'), /dims is not a number/],
    [
      'a patient of no name',
      'encoder.json',
      replace('"pseudonym"', '"id"'),
      /patients\[0\]: pseud/,
    ],
    ['other preprocessing', 'encoder.json', replace('1500', '1501'), /checksum/],
    [
      'another model',
      'model.json',
      replace('layers-model', 'graph-model'),
      /format is "graph-model"/,
    ],
    ['other layers', 'model.json', replace('"relu"', '"tanh"'), /checksum/],
    [
      'weights elsewhere',
      'model.json',
      replace('weights.bin', '../weights.bin'),
      /weightsManifest/,
    ],
    ['half weights', 'model.json', replace(LAST_TYPE, '"float16"'), /dtype is "float16"/],
    [
      'cut weights',
      'weights.bin',
      (text: string) => text.slice(0, 100),
      /weights\.bin has \d+ bytes/,
    ],
  ])('refuses %s with file and remedy', async (name, file, change, message) => {
    const dir = await changed(name.replaceAll(' ', '-'), file, change)
    await expect(readEncoderFolder(dir)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('pg-lsh encoder export'),
    })
  })

  it.each([
    ['encoder.json', /encoder\.json has \d+ bytes, more than 67108864$/],
    ['model.json', /model\.json has \d+ bytes, more than 67108864$/],
    ['weights.bin', /weights\.bin has \d+ bytes, but the weightsManifest/],
  ])('does not allocate memory for a %s of 3 GB', async (file, message) => {
    const dir = join(folder, `large-${file}`)
    await cp(join(folder, 'whole'), dir, { recursive: true })
    // A sparse file, which needs no space on the disk.
    await truncate(join(dir, file), 3e9)
    const before = process.memoryUsage().arrayBuffers
    await expect(readEncoderFolder(dir)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(message) as string,
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
  })

  it.each(['encoder.json', 'model.json', 'weights.bin'])(
    'reports that %s is missing',
    async (file) => {
      const dir = join(folder, `without-${file}`)
      await cp(join(folder, 'whole'), dir, { recursive: true })
      await rm(join(dir, file))
      await expect(readEncoderFolder(dir)).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringMatching(new RegExp(`${file} cannot be read`)),
      })
    },
  )
})

describe('assertEncodes', () => {
  it.each([
    ['a feature layer that is not there', { featureLayer: 'nowhere' }],
    ['another layer', { featureLayer: 'down1' }],
    ['layers that are none', { topology: { class_name: 'Nothing', config: {} } }],
  ])('refuses %s even with a matching checksum', async (_, change) => {
    const other = { ...packed.trained, ...change }
    const sealed = { ...other, checksum: encoderChecksum(other) }
    await expect(assertEncodes(sealed)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(/does not encode/),
    })
  })
})

function replace(from: string | RegExp, to: string) {
  return (text: string) => {
    expect(text).toMatch(from)
    return text.replace(from, to)
  }
}
