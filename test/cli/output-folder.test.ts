import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { makeFolderOf, makeOutputFolder } from '../../src/cli/output-folder.js'
import { temporaryFolder } from '../ingest/fixtures.js'
import { failureOf } from './in-process.js'

/** Permissions do not restrict root. */
const isRoot = process.getuid?.() === 0
const linux = process.platform === 'linux'

function refusal(message: RegExp, hint: RegExp) {
  return {
    name: 'LshError',
    code: 'bad_usage',
    message: expect.stringMatching(message) as string,
    hint: expect.stringMatching(hint) as string,
  }
}

// These tests open no database, so one engine suffices.
describe.runIf(inject('engine') === 'embedded')('makeOutputFolder', () => {
  it('creates the folder and leaves it empty', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b')
    await makeOutputFolder(folder)
    expect(await readdir(folder)).toEqual([])
  })

  it('names the option whose path is a file', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    await expect(makeOutputFolder(file, '--checkpoint')).rejects.toMatchObject(
      refusal(/^--checkpoint: .*already exists as a file/, /another place/),
    )
  })

  it.runIf(linux).each([
    ['/proc', /^--out: \/proc cannot hold files/],
    ['/proc/none/below', /^--out: \/proc cannot hold folders/],
  ])('refuses %s before any work is done', async (folder, message) => {
    await expect(makeOutputFolder(folder)).rejects.toMatchObject(refusal(message, /on a disk/))
  })

  it.skipIf(isRoot)('refuses a folder in which the user may not write', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o500)
    await expect(makeOutputFolder(folder)).rejects.toMatchObject(
      refusal(/may not be used by this user/, /owner or permissions/),
    )
  })
})

describe.runIf(inject('engine') === 'embedded')('makeFolderOf', () => {
  it('refuses a folder where a file is required', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'page'))
    await expect(makeFolderOf(join(folder, 'page'), '--report')).rejects.toMatchObject(
      refusal(/^--report: .*is a folder/, /Name a file in it/),
    )
  })

  it.skipIf(isRoot)('refuses a file that the user may not write', async () => {
    const file = join(await temporaryFolder(), 'page.html')
    await writeFile(file, '', { mode: 0o400 })
    await expect(makeFolderOf(file)).rejects.toMatchObject(
      refusal(/may not be used by this user/, /owner or permissions/),
    )
  })
})

describe.runIf(inject('engine') === 'embedded' && linux)('a path that cannot hold files', () => {
  it.each([
    ['the page of a demo', ['demo', '--report', '/proc/none/r.html', '--db', 'never-made']],
    [
      'the key of pseudonyms',
      [
        'load',
        'dicom',
        '.',
        '--dataset',
        'a',
        '--pseudonym-key-file',
        '/proc/none/k',
        '--db',
        'never-made',
      ],
    ],
    ['a database', ['migrate', '--db', '/proc/none']],
  ])('is refused for %s before a database is made', async (_, args) => {
    expect(await failureOf([...args, '--quiet'])).toMatchObject(
      refusal(/\/proc cannot hold folders/, /disk|--pseudonym/),
    )
    await expect(readdir('never-made')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
