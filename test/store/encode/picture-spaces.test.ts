import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measurePictures } from '../../../src/compare/picture-quality.js'
import { listImages } from '../../../src/ingest/pictures/picture-source.js'
import { readPictureLabels } from '../../../src/ingest/pictures/picture-labels.js'
import { encodeQuery } from '../../../src/search/encode-query.js'
import { openFeatures } from '../../../src/search/open-features.js'
import { readPictureQuery } from '../../../src/search/picture-features.js'
import { similarPictures } from '../../../src/search/similar-pictures.js'
import { createFamily, createIndex } from '../../../src/store/codes/create-index.js'
import { encodeSpace, pendingItems } from '../../../src/store/encode/features.js'
import {
  labelledItems,
  pictureSpacesOf,
  sourcesSeen,
  vectorsOf,
} from '../../../src/store/pictures/labelled-items.js'
import { loadPictures } from '../../../src/store/pictures/load-pictures.js'
import { createJointSpace } from '../../../src/store/spaces/spaces.js'
import { trainSpaces } from '../../../src/store/encode/train-spaces.js'
import { onnxEncoder } from '../../../src/encode/onnx/import-onnx.js'
import { parseOnnxDescription } from '../../../src/encode/onnx/onnx-description.js'
import { trainFamilyOf } from '../../../src/store/codes/train-family.js'
import { addOnnxModel } from '../../../src/store/encode/add-onnx.js'
import { onnxBytes } from '../../encode/onnx-bytes.js'
import { useTestDatabase } from '../../database.js'

const database = useTestDatabase()
let folder = ''

const SPACES = ['image_pixels', 'image_histogram']
const COLOURS = ['#c04040', '#40c040', '#4040c0']

/** Three classes by colour with twelve sources each; every source has two slightly different versions. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-spaces-'))
  const rows = ['file,label,source_tile']
  for (let i = 0; i < 72; i++) {
    const source = Math.floor(i / 2)
    const create = { width: 16, height: 16, channels: 3 as const, background: COLOURS[source % 3]! }
    const bright = 0.6 + 0.02 * source + 0.002 * (i % 2)
    const bytes = await sharp({ create }).modulate({ brightness: bright }).png().toBuffer()
    await writeFile(join(folder, `${i}.png`), bytes)
    rows.push(`${i}.png,${COLOURS[source % 3]!.slice(1)},t${source}`)
  }
  await writeFile(join(folder, 'labels.csv'), rows.join('\n'))
  const labels = await readPictureLabels(join(folder, 'labels.csv'))
  const { sources } = await listImages(folder, labels)
  const outcomes = []
  for await (const { outcome } of loadPictures(database.store, 'made', sources))
    outcomes.push(outcome)
  expect(new Set(outcomes)).toEqual(new Set(['loaded']))
  await trainSpaces(database.store, 'made', SPACES)
  for (const space of SPACES) {
    expect(await pendingItems(database.store, space)).toBe(72)
    expect(await encodeSpace(database.store, space)).toBe(72)
  }
  await createFamily(database.store, 'image_pixels', { kind: 'kernel', bits: 64 })
  await createIndex(database.store, 'image_pixels', { family: 'image_pixels_kernel_64' })
})
afterAll(() => rm(folder, { recursive: true }))

describe('spaces of images', () => {
  it('are trained on whole sources, and hold out a third of them', async () => {
    const seen = await sourcesSeen(database.store, SPACES)
    const items = await labelledItems(database.store, 'made', SPACES)
    expect(items).toHaveLength(72)
    expect(new Set(items.map(({ source }) => source)).size - seen.size).toBe(12)
    expect(await pictureSpacesOf(database.store, 'made')).toEqual(SPACES.toSorted())
  })

  it('are measured by class and by versions of a source, exactly and by codes, on the same queries', async () => {
    const measured = await measurePictures(database.store, 'made', SPACES, { seed: 1 })
    expect(measured).toMatchObject({ items: 72, queries: 24, sources: 12 })
    const histogram = measured.spaces.find(({ space }) => space === 'image_histogram')!
    expect(histogram.exact.nn_accuracy?.mean).toBeGreaterThan(0.6)
    expect(histogram.codes.map(({ kind, bits }) => `${kind} ${bits}`)).toEqual([
      'kernel 64',
      'kernel 256',
      'kernel 512',
      'itq 64',
    ])
    const pixels = measured.spaces.find(({ space }) => space === 'image_pixels')!
    // Vectors with more than 1024 dimensions are measured by exact distance only.
    expect(pixels.codes).toEqual([])
    expect(pixels.exact.precision_at_10?.mean).toBeGreaterThan(0.9)
    expect(pixels.exact.duplicate_recall_at_3?.mean).toBeGreaterThan(0.9)
    await expect(
      measurePictures(database.store, 'nothing', SPACES, { seed: 1 }),
    ).rejects.toMatchObject({ code: 'LSH03' })
  })

  it('find a stored image by its item and by its file, only among other sources by default', async () => {
    const [first] = await labelledItems(database.store, 'made', SPACES)
    const { item } = first!
    const near = await similarPictures(database.store, 'image_pixels', { item }, { k: 5 })
    const own = await similarPictures(
      database.store,
      'image_pixels',
      { item },
      { k: 5, otherSources: false, exact: true },
    )
    expect(near).toHaveLength(5)
    expect(near.every(({ label }) => label === 'c04040')).toBe(true)
    expect(near.map(({ source }) => source)).not.toContain('t0')
    expect(own[0]).toMatchObject({ source: 't0', hamming: null })
    const image = await sharp(join(folder, '0.png')).webp({ lossless: true }).toBuffer()
    const { vector } = await encodeQuery(database.store.db, 'image_pixels', { image })
    const [found] = await similarPictures(database.store, 'image_pixels', { vector }, { k: 1 })
    expect(found).toMatchObject({ item_id: item, key: '0.png' })
    expect(found?.distance).toBeLessThan(1e-5)
  })

  it('can be joined, and refuse content of another kind', async () => {
    await createJointSpace(
      database.store,
      'image_both',
      SPACES.map((space) => ({ space, weight: 1 })),
    )
    expect(await encodeSpace(database.store, 'image_both')).toBe(72)
    const swc = Buffer.from('1 1 0 0 0 1 -1\n2 3 0 10 0 1 1\n')
    const { content } = await readPictureQuery(swc, 'n.swc')
    const opened = await openFeatures(database.store.db, 'image_both')
    expect(opened.holds).toBe('image')
    await expect(opened.pictureFeatures(content)).rejects.toThrow(
      'the query is a neuron, the space holds images',
    )
    await opened.close()
    await expect(readPictureQuery(Buffer.from('GIF89a'), 'a.gif')).rejects.toThrow(
      'a.gif: line 1 is not a point',
    )
    await expect(trainSpaces(database.store, 'made', ['neuron_deep'])).rejects.toMatchObject({
      code: 'LSH03',
    })
    await expect(
      trainSpaces(database.store, 'made', ['ct_shallow', 'image_pixels'], { replace: true }),
    ).rejects.toMatchObject({ code: 'bad_usage' })
  })
})

describe('a space of an ONNX model', () => {
  it('is filled and searched like a trained one, and refuses another model', async () => {
    const { store } = database
    const description = parseOnnxDescription('{ "size": 8 }', 'model.json')
    const model = await onnxEncoder(onnxBytes(8), description)
    await addOnnxModel(store, 'image_own', model)
    await addOnnxModel(store, 'image_own', model)
    expect(await encodeSpace(store, 'image_own')).toBe(72)
    const [first] = await labelledItems(store, 'made', ['image_own'])
    const bytes = await sharp(join(folder, '0.png')).png().toBuffer()
    const { content } = await readPictureQuery(bytes, '0.png')
    const opened = await openFeatures(store.db, 'image_own')
    const vector = await opened.pictureFeatures(content)
    await opened.close()
    const [own] = await vectorsOf(store, 'image_own', [first!.item], 3).then((all) => [[...all]])
    expect([...vector]).toEqual(own!.map((value) => expect.closeTo(value, 5) as number))
    const measured = await measurePictures(store, 'made', ['image_own'], { seed: 1 })
    expect(measured.queries).toBe(72)
    const other = await onnxEncoder(onnxBytes(8), { ...description, white: 255 })
    await expect(addOnnxModel(store, 'image_own', other)).rejects.toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining('cbir.drop_space') as string,
    })
    await expect(addOnnxModel(store, 'image_joint', model)).rejects.toThrow(
      'is built in and cannot have an imported encoder',
    )
  })
})

describe('a family that learns from classes', () => {
  it('is measured on items whose classes were held out', async () => {
    const { store } = database
    const options = { name: 'by_class', method: 'particles', bits: 64, k: 2 } as const
    const { figures } = await trainFamilyOf(
      store,
      { space: 'image_own' },
      { ...options, byLabels: true },
    )
    expect(figures.trained).toBeGreaterThan(0.5)
    const measured = await measurePictures(store, 'made', ['image_own'], { seed: 1 })
    expect(measured).toMatchObject({ queries: 24, sources: 12 })
    const [space] = measured.spaces
    const own = space!.codes.find(({ kind }) => kind === 'by_class')
    expect(own).toMatchObject({ bits: 64 })
    expect(own!.hamming.precision_at_10?.mean).toBeGreaterThan(0.5)
  })

  it('is refused for a table, as its rows have no classes', async () => {
    const source = { relation: 'space.image_own', column: 'embedding' }
    const options = { name: 'none', method: 'particles', bits: 64, byLabels: true } as const
    await expect(trainFamilyOf(database.store, source, options)).rejects.toMatchObject({
      code: 'bad_usage',
    })
  })
})
