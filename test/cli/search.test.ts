import { encode as encodePng } from 'fast-png'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { previewPng } from '../../src/ingest/volume/preview.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { dicomFile } from '../ingest/dicom/bytes.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
const side = 32
let folder: string

/** A plan whose Hounsfield units lie mostly, but not all, within the window of previews. */
const plan = (number: number) => {
  const made = smallPlan({ number, slices: 20, side, split: number > 8 ? 'test' : 'train' })
  const slices = made.slices.map((slice) => ({ ...slice, ct: slice.ct.map((hu) => hu / 3) }))
  return { ...made, slices }
}
/** The seventh item, which is of the first plan. Items are numbered from 1. */
const wanted = { item: 7, slice: plan(1).slices[6]! }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-search-'))
  await place.withStore(async (store) => {
    for (let number = 1; number <= 10; number++) await loadPlan(store, 'made', plan(number))
    for (let number = 21; number <= 23; number++) await loadPlan(store, 'archive', plan(number))
  })
  for (const args of [
    ['train', '--dataset', 'made', '--space', 'pca128', '--size', '16'],
    ['encode', '--space', 'pca128'],
    ['index', 'create', '--space', 'pca128'],
  ])
    expect(await cli(args, { place: place.db })).toMatchObject({ code: 0 })
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function searched(name: string, bytes: Uint8Array, ...args: string[]) {
  const file = join(folder, name)
  await writeFile(file, bytes)
  return search('--file', file, ...args)
}

async function search(...args: string[]) {
  const all = ['search', '--space', 'pca128', ...args, '-k', '3', '--json']
  const done = await cli(all, { place: place.db })
  return { code: done.code, stderr: done.stderr, result: resultOf(done) as Found }
}

interface Found {
  window?: object | null
  neighbours: { item_id: number; distance: number; patient: string }[]
}

describe('pg-lsh search', () => {
  it('finds slices of other patients by a stored slice', async () => {
    const { code, result } = await search('--item', String(wanted.item))
    expect(code).toBe(0)
    expect(result.neighbours).toHaveLength(3)
    for (const { patient } of result.neighbours) expect(patient).not.toBe('pt_1')
  })

  it('estimates distances without reading vectors with --candidates 0, and says so', async () => {
    const { result } = await search('--item', String(wanted.item), '--candidates', '0')
    const { result: exact } = await search('--item', String(wanted.item))
    expect(result.neighbours).toHaveLength(3)
    result.neighbours.forEach((found, i) => {
      expect(found).toMatchObject({ estimated: true })
      expect(found.distance / exact.neighbours[i]!.distance).toBeCloseTo(1, 0)
    })
    expect(exact.neighbours[0]).not.toHaveProperty('estimated')
  })

  it('searches only the given data sets, by a stored slice and by a file', async () => {
    const patients = ({ result }: { result: Found }) =>
      result.neighbours.map(({ patient }) => Number(patient.slice('pt_'.length)))
    const item = ['--item', String(wanted.item)]
    const stored = await search(...item, '--against', 'archive')
    expect(patients(stored)).toHaveLength(3)
    for (const number of patients(stored)) expect(number).toBeGreaterThan(20)
    const like = await searched('like.png', previewPng(wanted.slice), '--against', 'archive')
    for (const number of patients(like)) expect(number).toBeGreaterThan(20)
    // A search of all data sets finds the nearer slice of both.
    const all = await search(...item, '--against', 'archive', 'made')
    expect(all.result.neighbours).toEqual((await search(...item)).result.neighbours)
    const unknown = await cli(['search', '--space', 'pca128', ...item, '--against', 'none'], {
      place: place.db,
    })
    expect(unknown).toMatchObject({ code: 1 })
    expect(unknown.stderr).toMatch(/data set "none" does not exist/)
  })

  it('compares with the exact neighbours in the given data sets', async () => {
    const args = ['compare', '--space', 'pca128', '--dataset', 'made', '--queries', '6', '-k', '5']
    const compared = async (...more: string[]) => {
      const done = await cli([...args, ...more, '--per-query', '--json'], { place: place.db })
      expect(done).toMatchObject({ code: 0 })
      return resultOf(done) as { queries: number; recall: number; perQuery: { item_id: number }[] }
    }
    const all = await compared()
    const wide = ['--candidates', '1000', '--probes', '64']
    const against = await compared('--against', 'archive', ...wide)
    expect(against).toMatchObject({ queries: 6, recall: 1 })
    expect(against.perQuery.map(({ item_id }) => item_id)).toEqual(
      all.perQuery.map(({ item_id }) => item_id),
    )
  })

  it('finds the slice of a DICOM file first', async () => {
    const { code, stderr, result } = await searched(
      'slice.dcm',
      dicomFile({
        set: {
          '0020,0037': ['DS', '1\\0\\0\\0\\1\\0'],
          '0028,0010': ['US', [side]],
          '0028,0011': ['US', [side]],
          '0028,0101': ['US', [16]],
          '0028,0102': ['US', [15]],
        },
        pixels: Array.from(wanted.slice.ct, (hu) => hu + 1024),
      }),
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(result.neighbours[0]).toMatchObject({
      item_id: wanted.item,
      distance: expect.closeTo(0, 2) as number,
    })
    expect(result.window).toBeNull()
  })

  it('finds the slice of a preview first, and states the window of the preview', async () => {
    const preview = await searched('preview.png', previewPng(wanted.slice))
    expect(preview.code).toBe(0)
    expect(preview.stderr).toBe(
      'assuming that the picture shows -160 HU black and 240 HU white, as the file says\n',
    )
    expect(preview.result.neighbours[0]!.item_id).toBe(wanted.item)
    const bare = encodePng({
      width: side,
      height: side,
      depth: 8,
      channels: 1,
      data: Uint8Array.from(wanted.slice.ct, (hu) =>
        Math.max(0, Math.min(255, Math.round(((hu + 125) / 350) * 255))),
      ),
    })
    const guessed = await searched('bare.png', bare)
    expect(guessed.stderr).toMatch(/estimated; give --window LOW,HIGH if it is another\n$/)
    const told = await searched('bare.png', bare, '--window=-125,225')
    expect(told.stderr).toMatch(/-125 HU black and 225 HU white, as given\n$/)
    expect(told.result).toMatchObject({ window: { low: -125, high: 225, from: 'given' } })
    expect(told.result.neighbours[0]!.item_id).toBe(wanted.item)
  })

  it.each([
    ['a file that is none', ['--file', 'nowhere.png'], 2, /nowhere\.png.* does not exist/],
    ['a slice and a file', ['--item', '1', '--file', 'a.png'], 2, /cannot be used with/],
    ['neither', [], 2, /a search needs a query/],
    ['a window that is none', ['--file', 'a', '--window', '240,-160'], 2, /HU of black and/],
  ])('refuses %s', async (_, args, code, message) => {
    const refused = await cli(['search', '--space', 'pca128', ...args], { place: place.db })
    expect(refused.stderr).toMatch(message)
    expect(refused.code).toBe(code)
  })
})
