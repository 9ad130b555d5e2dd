import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listImages, listNeurons } from '../../../src/ingest/pictures/picture-source.js'
import { readPictureLabels } from '../../../src/ingest/pictures/picture-labels.js'
import {
  loadPictures,
  type LoadPicturesOptions,
} from '../../../src/store/pictures/load-pictures.js'
import { unpackContent } from '../../../src/store/pictures/picture-content.js'
import { unloadPictures } from '../../../src/store/pictures/unload-pictures.js'
import { useTestDatabase } from '../../database.js'
import { deepRamp, orange } from '../../ingest/pictures/made-images.js'

const database = useTestDatabase()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-images-'))
  await mkdir(join(folder, 'sun'))
  await mkdir(join(folder, 'ramp'))
  await writeFile(join(folder, 'sun', 'a.png'), await orange().png().toBuffer())
  await writeFile(join(folder, 'sun', 'b.jpeg'), await orange().jpeg().toBuffer())
  // A PNG by its content, despite its name.
  await writeFile(join(folder, 'ramp', 'c'), await deepRamp().png().toBuffer())
  await database.store.pool.query('truncate cbir.patient, cbir.item cascade')
})
afterEach(() => rm(folder, { recursive: true }))

async function load(options: LoadPicturesOptions & { labels?: string } = {}) {
  const { labels, ...rest } = options
  const said = labels === undefined ? undefined : await readPictureLabels(join(folder, labels))
  const { sources, leftOut, missing } = await listImages(folder, said)
  const outcomes: Record<string, string> = {}
  const refused: string[] = []
  for await (const { key, outcome, refusal } of loadPictures(
    database.store,
    'small',
    sources,
    rest,
  )) {
    outcomes[key] = outcome
    if (refusal) refused.push(`${key}: ${refusal.message}`)
  }
  return { outcomes, refused, leftOut, missing }
}

const pictures = () =>
  database.store.db.selectFrom('cbir.pictures').selectAll().orderBy('key').execute()

describe('loadPictures', () => {
  it('stores images with label, attributes, preview and content, and skips them the second time', async () => {
    expect((await load()).outcomes).toEqual({
      'ramp/c': 'loaded',
      'sun/a.png': 'loaded',
      'sun/b.jpeg': 'loaded',
    })
    const rows = await pictures()
    expect(
      rows.map(({ key, label, source, split, kind }) => [key, label, source, split, kind]),
    ).toEqual([
      ['ramp/c', 'ramp', 'ramp/c', null, 'image'],
      ['sun/a.png', 'sun', 'sun/a.png', null, 'image'],
      ['sun/b.jpeg', 'sun', 'sun/b.jpeg', null, 'image'],
    ])
    expect(rows[0]?.attributes).toMatchObject({ format: 'png', width: 30, height: 20, depth: 16 })
    const stored = await database.store.db
      .selectFrom('cbir.picture')
      .select(['shape', 'content'])
      .where('item_id', '=', rows[1]!.item_id)
      .executeTakeFirstOrThrow()
    const raster = unpackContent(stored)
    expect(raster).toMatchObject({ rows: 20, columns: 30, channels: 3 })
    expect('pixels' in raster && [...raster.pixels.slice(-3)]).toEqual([255, 128, 0])
    expect(new Set(Object.values((await load()).outcomes))).toEqual(new Set(['unchanged']))
    expect(new Set(Object.values((await load({ reread: true })).outcomes))).toEqual(
      new Set(['unchanged']),
    )
  })

  it('replaces an image that changed or has another label', async () => {
    await load()
    const before = await pictures()
    await writeFile(join(folder, 'sun', 'a.png'), await orange().negate().png().toBuffer())
    expect((await load()).outcomes).toMatchObject({
      'sun/a.png': 'replaced',
      'sun/b.jpeg': 'unchanged',
    })
    const table =
      'file,label,source_tile,split,stain\nsun/a.png,star,t1,test,HE\nsun/b.jpeg,star,t1,,\nno.png,x,,,\n'
    await writeFile(join(folder, 'labels.csv'), table)
    const { outcomes, missing, leftOut } = await load({ labels: 'labels.csv' })
    expect(outcomes).toMatchObject({ 'ramp/c': 'unchanged', 'sun/a.png': 'replaced' })
    expect([missing, leftOut]).toEqual([['no.png'], ['labels.csv']])
    const after = await pictures()
    expect(after).toHaveLength(before.length)
    expect(after[1]).toMatchObject({
      label: 'star',
      source: 't1',
      split: 'test',
      attributes: { source_tile: 't1', stain: 'HE' },
    })
    expect(after[2]).toMatchObject({ source: 't1' })
    expect(before.map(({ item_id }) => item_id)).not.toContain(after[1]!.item_id)
  })

  it('refuses damaged files individually and loads the others', async () => {
    const whole = await readFile(join(folder, 'sun', 'a.png'))
    await writeFile(join(folder, 'sun', 'cut.png'), whole.subarray(0, 70))
    await writeFile(join(folder, 'sun', 'empty.png'), '')
    await writeFile(join(folder, 'sun', 'text.png'), 'no image')
    await writeFile(join(folder, 'sun', 'notes.txt'), 'no image')
    const { outcomes, refused, leftOut } = await load()
    expect(outcomes).toMatchObject({ 'sun/a.png': 'loaded', 'sun/cut.png': 'refused' })
    expect(refused).toEqual([
      expect.stringMatching(/^sun\/cut.png: it is damaged: /),
      'sun/empty.png: it is empty',
      'sun/text.png: it is not a PNG, JPEG, TIFF or WebP image',
    ])
    expect(leftOut).toEqual(['sun/notes.txt'])
  })
})

it('loads neurons, refuses broken ones, and returns their points', async () => {
  const swc = '1 1 0 0 0 2 -1\n2 3 0 10 0 1 1\n3 3 -5 20.5 0 1 2\n'
  await writeFile(join(folder, 'sun', 'axon_7.CNG.swc'), swc)
  await writeFile(join(folder, 'sun', 'dendrite_7.CNG.swc'), swc.replace('20.5', '21'))
  await writeFile(join(folder, 'sun', 'bad.swc'), '1 1 0 0 0 2 -1')
  const { sources } = await listNeurons(folder)
  const loaded = []
  for await (const { key, outcome } of loadPictures(database.store, 'cells', sources))
    loaded.push([key, outcome])
  expect(loaded).toEqual([
    ['sun/axon_7.CNG.swc', 'loaded'],
    ['sun/bad.swc', 'refused'],
    ['sun/dendrite_7.CNG.swc', 'loaded'],
  ])
  const rows = await pictures()
  expect(rows.map(({ kind, source, label }) => [kind, source, label])).toEqual([
    ['neuron', '7', 'sun'],
    ['neuron', '7', 'sun'],
  ])
  const stored = await database.store.db
    .selectFrom('cbir.picture')
    .select(['shape', 'content'])
    .where('item_id', '=', rows[0]!.item_id)
    .executeTakeFirstOrThrow()
  const content = unpackContent(stored)
  expect('parent' in content && [[...content.y], [...content.parent], [...content.type]]).toEqual([
    [0, 10, 20.5],
    [-1, 0, 1],
    [1, 3, 3],
  ])
})

it('unloadPictures removes items, and sources without other items', async () => {
  await load()
  const gone = []
  for await (const count of unloadPictures(database.store, 'small')) gone.push(count)
  expect(gone).toEqual([3])
  expect(await pictures()).toEqual([])
  const { rows } = await database.store.pool.query('select from cbir.patient')
  expect(rows).toEqual([])
})
