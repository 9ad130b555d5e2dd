import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it, vi } from 'vitest'
import { failureOf } from './in-process.js'
import { memoryStream } from './streams.js'
import { temporaryFolder } from '../ingest/fixtures.js'
import { npyBytes } from '../ingest/vectors/npy-bytes.js'

/** Commands that need an existing database; OUT and FILE stand for a folder of results and a file of features. */
const READING: readonly string[][] = [
  ['search', '--space', 's', '--item', '1'],
  ['compare', '--space', 's'],
  ['evaluate'],
  ['report', '--out', 'OUT'],
  ['reconstruct', '--space', 's', '--out', 'OUT/x.html'],
  ['export', '--dataset', 'a', '--out', 'OUT'],
  ['encoder', 'list'],
  ['encoder', 'show', 'e'],
  ['encoder', 'export', 'e', 'OUT'],
  ['verify', 'synthetic'],
  ['unload', '--dataset', 'a', '--yes'],
  ['train', '--space', 'ct_shallow'],
  ['encode', '--space', 'ct_shallow'],
  ['family', 'create', '--space', 's'],
  ['family', 'train', '--space', 's'],
  ['family', 'evaluate', '--space', 's'],
  ['index', 'create', '--space', 's'],
  ['load', 'vectors', 'FILE', '--table', 't'],
  ['sql', 'select 1'],
  ['sql', 'create table t ()'],
  ['migrate', '--down'],
]
const MAKING: readonly string[][] = [
  ['migrate'],
  ['load', 'synthetic', '--patients', '1'],
  ['load', 'vectors', 'FILE', '--table', 't', '--create'],
  ['demo', '--patients', '12', '--report', 'OUT/x.html'],
]

/** Runs a command in this process and returns its error; the folder of results must stay empty. */
async function refusalOf(args: readonly string[], db: string) {
  const folder = await temporaryFolder()
  const file = join(folder, 'x.npy')
  await writeFile(file, npyBytes(new Float32Array(6), [2, 3]))
  const out = join(folder, 'out')
  const given = args.map((arg) => arg.replace(/^OUT/, out).replace(/^FILE$/, file))
  return failureOf([...given, '--quiet', '--db', db])
}

// A server has no directory.
describe.runIf(inject('engine') === 'embedded')('a directory without a database', () => {
  it.each(READING.map((args) => [args.join(' '), args] as const))(
    'is not initialised by "%s", which says how to create a database',
    async (_, args) => {
      const parent = await temporaryFolder()
      const db = join(parent, 'db')
      expect(await refusalOf(args, db)).toMatchObject({
        name: 'LshError',
        code: 'database',
        message: `there is no database in ${db}`,
        hint: expect.stringContaining(`pg-lsh migrate --db ${db}`) as string,
      })
      expect(await readdir(parent)).toEqual([])
    },
  )

  it.each([...READING, ...MAKING].map((args) => [args.join(' '), args] as const))(
    'is refused by "%s" if it holds other files, and stays unchanged',
    async (_, args) => {
      const db = join(await temporaryFolder(), 'mine')
      await mkdir(db)
      await writeFile(join(db, 'results.csv'), '1,2\n')
      expect(await refusalOf(args, db)).toMatchObject({
        name: 'LshError',
        code: 'bad_usage',
        message: expect.stringContaining(`${db} holds results.csv, but no database`) as string,
        hint: expect.stringContaining('--db') as string,
      })
      expect(await readdir(db)).toEqual(['results.csv'])
      expect(await readFile(join(db, 'results.csv'), 'utf8')).toBe('1,2\n')
    },
  )

  it('is reported by doctor, which creates none', async () => {
    const parent = await temporaryFolder()
    const db = join(parent, 'db')
    const stdout = memoryStream()
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => stdout.write(text))
    try {
      expect(await failureOf(['doctor', '--json', '--db', db])).toBeNull()
    } finally {
      write.mockRestore()
      process.exitCode = undefined
    }
    expect(stdout.text()).toContain(`there is no database in ${db}`)
    expect(stdout.text()).toContain(`pg-lsh migrate --db ${db}`)
    expect(await readdir(parent)).toEqual([])
  })
})
