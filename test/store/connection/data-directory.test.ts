import { createHash } from 'node:crypto'
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openStore } from '../../../src/store/connection/connect.js'
import { fromFileError, inspectDirectory } from '../../../src/store/connection/data-directory.js'
import { temporaryFolder } from '../../ingest/fixtures.js'

const embedded = inject('engine') === 'embedded'
let whole: string
beforeAll(async () => {
  if (!embedded) return
  whole = await mkdtemp(join(tmpdir(), 'pg-lsh-whole-'))
  await (await openStore(whole)).close()
})
afterAll(async () => {
  if (embedded) await rm(whole, { recursive: true })
})

/** A complete closed database in a folder of its own. */
async function closedDatabase(): Promise<string> {
  const folder = join(await temporaryFolder(), 'db')
  await cp(whole, folder, { recursive: true })
  return folder
}

/** Files that the engine may write or remove even if it fails to start; they hold no data. */
const CACHES = ['postmaster.pid', 'pg_internal.init']

/** Names and content of everything below a folder, except caches. */
async function contentOf(folder: string): Promise<Map<string, string>> {
  const content = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && !CACHES.includes(entry.name)) {
      const path = join(entry.parentPath, entry.name)
      content.set(
        path,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      )
    }
  return content
}

describe.runIf(embedded)('a directory that is not a database of this version', () => {
  const data = (folder: string, ...names: string[]) => join(folder, 'data', ...names)
  const wal = async (folder: string, change: (file: string) => Promise<void>) => {
    for (const name of await readdir(data(folder, 'pg_wal')))
      if (/^[0-9A-F]{24}$/.test(name)) await change(data(folder, 'pg_wal', name))
  }
  const zeroed = async (file: string) => writeFile(file, Buffer.alloc((await stat(file)).size))

  it.each<[string, (folder: string) => Promise<unknown>, string, RegExp, RegExp]>([
    [
      'of an older PostgreSQL',
      (folder) => writeFile(data(folder, 'PG_VERSION'), '16\n'),
      'database',
      /created by PostgreSQL 16, but this is PostgreSQL 18/,
      /Keep it.*export.*--db/,
    ],
    [
      'of a newer PostgreSQL',
      (folder) => writeFile(data(folder, 'PG_VERSION'), '21\n'),
      'database',
      /created by PostgreSQL 21/,
      /Keep it/,
    ],
    [
      'without its write-ahead log',
      (folder) => wal(folder, (file) => rm(file)),
      'database',
      /damaged: its write-ahead log/,
      /Keep them.*backup/,
    ],
    [
      'with a write-ahead log of zeros',
      (folder) => wal(folder, zeroed),
      'database',
      /damaged: its write-ahead log/,
      /Keep them/,
    ],
    [
      'without its control file',
      (folder) => rm(data(folder, 'global', 'pg_control')),
      'database',
      /damaged: .*pg_control/,
      /Keep them/,
    ],
    [
      'without the states of its transactions',
      (folder) => rm(data(folder, 'pg_xact'), { recursive: true }),
      'database',
      /damaged: .*pg_xact/,
      /Keep them/,
    ],
    [
      // The engine would create a new database over the old one.
      'without its version',
      (folder) => rm(data(folder, 'PG_VERSION')),
      'database',
      /damaged: PG_VERSION/,
      /Keep them/,
    ],
    [
      'without its settings',
      (folder) => rm(data(folder, 'postgresql.conf')),
      'database',
      /cannot be opened/,
      /Keep it.*DEBUG=1/,
    ],
    [
      'whose data is a file',
      async (folder) => {
        await rm(data(folder), { recursive: true })
        await writeFile(data(folder), 'text')
      },
      'bad_usage',
      /data is a file/,
      /--db/,
    ],
    [
      'whose data is of something else',
      async (folder) => {
        await rm(data(folder), { recursive: true })
        await mkdir(data(folder))
        await writeFile(data(folder, 'results.csv'), '1,2')
      },
      'bad_usage',
      /data is not a directory of a database/,
      /rename it/,
    ],
    [
      'with other things and no database',
      async (folder) => {
        await rm(data(folder), { recursive: true })
        for (const name of ['a.txt', 'b.txt', 'c', 'd']) await writeFile(join(folder, name), '')
      },
      'bad_usage',
      /holds a\.txt, b\.txt, c and 1 more, but no database/,
      /a directory of its own/,
    ],
    [
      'with other things under the name of a new one',
      async (folder) => {
        await rm(data(folder), { recursive: true })
        await mkdir(join(folder, 'data.new'))
        await writeFile(join(folder, 'data.new', 'results.csv'), '1,2')
      },
      'bad_usage',
      /data\.new holds results\.csv/,
      /rename it/,
    ],
  ])(
    'is refused with an error for its case and left unchanged: %s',
    async (_, change, code, message, hint) => {
      const folder = await closedDatabase()
      await change(folder)
      const before = await contentOf(folder)
      for (const create of [true, false]) {
        await expect(openStore(folder, { create })).rejects.toMatchObject({
          name: 'LshError',
          code: create || code === 'bad_usage' ? code : 'database',
          message: expect.stringMatching(message),
          hint: expect.stringMatching(hint),
        })
        expect(await contentOf(folder)).toEqual(before)
      }
    },
  )

  it.each(['bare', 'below'])(
    'is refused with a hint if it is a data directory of PostgreSQL itself: %s',
    async (kind) => {
      const folder = await closedDatabase()
      const named = kind === 'below' ? data(folder) : join(folder, 'cluster')
      if (kind === 'bare') await rename(data(folder), named)
      await expect(openStore(named)).rejects.toMatchObject({
        code: 'bad_usage',
        message: expect.stringContaining('is itself a data directory of PostgreSQL'),
        hint: expect.stringContaining(kind === 'below' ? `--db ${folder}` : 'URL'),
      })
    },
  )

  it('is refused if it is a file or lies below one', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, 'text')
    for (const place of [file, join(file, 'db')])
      for (const create of [true, false])
        await expect(openStore(place, { create })).rejects.toMatchObject({
          code: 'bad_usage',
          message: `${place} is a file, or lies below one`,
          hint: expect.stringContaining('--db'),
        })
    expect(await readFile(file, 'utf8')).toBe('text')
  })

  it('is refused without a hint to delete it', async () => {
    const source = ['data-directory', 'embedded', 'place'].map((name) =>
      readFile(new URL(`../../../src/store/connection/${name}.ts`, import.meta.url), 'utf8'),
    )
    for (const text of await Promise.all(source)) expect(text).not.toMatch(/hint:.*delete/i)
  })

  it.each(['.gitignore', '.DS_Store', 'lost+found', 'lock.1.stale'])(
    'is still empty enough for a new database with %s in it',
    async (name) => {
      const folder = await temporaryFolder()
      await writeFile(join(folder, name), '')
      expect(await inspectDirectory(folder)).toBe('nothing')
    },
  )
})

describe('fromFileError', () => {
  it.each([
    ['EACCES', 'bad_usage', /may not write/, /permissions/],
    ['EROFS', 'bad_usage', /may not write/, /copy it/],
    ['EPERM', 'bad_usage', /may not write/, /owner/],
    ['ENOENT', 'bad_usage', /cannot be created/, /Create that folder/],
    ['ENOTDIR', 'bad_usage', /is a file/, /--db/],
    ['ENOSPC', 'database', /no space/, /Free space/],
  ])('gives a hint for %s', (code, kind, message, hint) => {
    const error = Object.assign(new Error('x'), { code })
    expect(fromFileError('/data', error)).toMatchObject({
      name: 'LshError',
      code: kind,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      cause: error,
    })
  })

  it('returns any other error unchanged', () => {
    const error = new Error('x')
    expect(fromFileError('/data', error)).toBe(error)
  })
})
