import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { searchPictures } from '../../src/cli/steps/search-pictures.js'
import { listImages, listNeurons } from '../../src/ingest/pictures/picture-source.js'
import { encodeQuery } from '../../src/search/encode-query.js'
import { nearest } from '../../src/search/nearest.js'
import { openSpace } from '../../src/search/open-space.js'
import { createIndex } from '../../src/store/codes/create-index.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { trainSpaces } from '../../src/store/encode/train-spaces.js'
import { openFeatureCheck } from '../../src/store/verify/feature-differences.js'
import { loadPictures } from '../../src/store/pictures/load-pictures.js'
import { useTestDatabase } from '../database.js'
import { madeClasses } from '../ingest/pictures/made-classes.js'

const database = useTestDatabase()
const SPACES = {
  colour: 'image_texture',
  grey: 'grey_texture',
  neuron: 'neuron_morphometrics',
} as const
type Kind = keyof typeof SPACES
const KINDS = Object.keys(SPACES) as Kind[]
const STORED = 12
let folder = ''

/** Two classes of twelve pictures of each kind. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-asked-'))
  for (const kind of KINDS) {
    const from = join(folder, kind)
    for (const label of [0, 1]) {
      await mkdir(join(from, `class ${label}`), { recursive: true })
      for (let number = 0; number < STORED; number++)
        await writeFile(
          join(from, `class ${label}`, `${number}${kind === 'neuron' ? '.swc' : ''}`),
          await madeClasses[kind](label, 2 * number + label),
        )
    }
    const { sources } = await (kind === 'neuron' ? listNeurons : listImages)(from)
    for await (const { outcome } of loadPictures(database.store, kind, sources))
      expect(outcome).toBe('loaded')
    await trainSpaces(database.store, kind, [SPACES[kind]])
    await encodeSpace(database.store, SPACES[kind])
    await createIndex(database.store, SPACES[kind])
  }
})
afterAll(() => rm(folder, { recursive: true }))

async function found(kind: Kind, label: number, number: number) {
  const { db } = database.store
  const bytes = await madeClasses[kind](label, number)
  const query = await encodeQuery(
    db,
    SPACES[kind],
    kind === 'neuron' ? { swc: bytes } : { image: bytes },
  )
  expect(query.window).toBeNull()
  const typed = db as unknown as Kysely<Database & Record<'space.image_texture', Features>>
  return nearest(typed, `space.${SPACES[kind]}` as 'space.image_texture', { to: query, k: 5 })
    .innerJoin('cbir.pictures as picture', 'picture.item_id', 'near.item_id')
    .where('picture.dataset', '=', kind)
    .select(['picture.label', 'picture.key', 'near.distance'])
    .execute()
}

describe('encodeQuery in spaces of images and neurons', () => {
  it.each(KINDS)(
    'finds neighbours of the right class for a %s file that is not stored',
    async (kind) => {
      for (const label of [0, 1]) {
        const rows = await found(kind, label, 1000 + label)
        expect(rows.map((row) => row.label)).toEqual(Array(5).fill(`class ${label}`))
        expect(rows[0]!.distance).toBeGreaterThan(0)
      }
    },
  )

  it.each(KINDS)('finds the same rows as searchPictures for a %s file', async (kind) => {
    const file = join(folder, `new ${kind}`)
    await writeFile(file, await madeClasses[kind](1, 1001))
    const asked = { space: SPACES[kind], file, neighbours: 5 }
    const rows = await searchPictures(database.store, asked)
    expect(rows.map(({ label }) => label)).toEqual(Array(5).fill('class 1'))
    const own = await found(kind, 1, 1001)
    expect(rows.map(({ key }) => key)).toEqual(own.map(({ key }) => key))
  })

  it.each(KINDS)('finds a stored %s file as its own nearest neighbour', async (kind) => {
    const [first] = await found(kind, 1, 7)
    expect(first!.key).toMatch(/^class 1\/3/)
    expect(first!.distance).toBeLessThan(1e-3)
  })

  it('accepts an open space, and encodes a PNG the same as any image', async () => {
    const space = await openSpace(database.store.db, 'grey_texture')
    expect(space.holds).toBe('image')
    const png = await madeClasses.grey(1, 3)
    const [one, same] = [
      await encodeQuery(database.store.db, space, { png }),
      await encodeQuery(database.store.db, space, { image: png }),
    ]
    expect(one.vector).toEqual(same.vector)
    await expect(space.features({ rows: 1, columns: 1, ct: new Int16Array(1) })).rejects.toThrow(
      'holds images, not slices',
    )
    await space.close()
  })

  it('has no effect on openFeatureCheck, which leaves these spaces out', async () => {
    const check = await openFeatureCheck(database.store)
    await check.close()
  })

  it('refuses a file of the wrong kind and says what the space takes', async () => {
    const { db } = database.store
    const swc = await madeClasses.neuron(0, 1)
    const image = await madeClasses.grey(0, 1)
    await expect(encodeQuery(db, 'image_texture', { swc })).rejects.toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining('{ image: bytes }') as string,
    })
    await expect(encodeQuery(db, 'neuron_morphometrics', { image })).rejects.toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining('{ swc: bytes }') as string,
    })
    await expect(
      encodeQuery(db, 'image_texture', { image: swc, name: 'a.jpeg' }),
    ).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('a.jpeg') as string,
    })
    await expect(encodeQuery(db, 'neuron_morphometrics', { swc: image })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('the neuron: ') as string,
    })
  })
})
