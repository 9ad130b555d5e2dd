import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../../src/core/make-folder.js'
import { temporaryFolder } from '../ingest/fixtures.js'

describe('makeFolder', () => {
  it('creates a folder and its parents with the given permissions, and accepts an existing folder', async () => {
    const folder = await temporaryFolder()
    await makeFolder(join(folder, 'a', 'b'), { mode: 0o700 })
    for (const path of ['a', join('a', 'b')]) {
      const made = await stat(join(folder, path))
      expect([made.isDirectory(), made.mode & 0o777]).toEqual([true, 0o700])
    }
    await makeFolder(join(folder, 'a', 'b'))
    await makeFolder(folder)
  })

  it('follows symbolic links', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'there'))
    await symlink('there', join(folder, 'link'))
    await makeFolder(join(folder, 'link', 'a'))
    expect((await stat(join(folder, 'there', 'a'))).isDirectory()).toBe(true)
  })

  it('can run several times at once', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b', 'c')
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)))
    expect((await stat(folder)).isDirectory()).toBe(true)
  })

  it('rejects with the error of the system if the path, or a parent, is a file', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolder(join(file, 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  // The recursive mkdir of Node.js never returns for these paths.
  it
    .runIf(process.platform === 'linux')
    .each(['/proc/none', '/proc/none/below', '/proc/self/none'])(
    'refuses %s instead of hanging',
    async (place) => {
      await expect(makeFolder(place)).rejects.toMatchObject({
        name: 'LshError',
        code: 'bad_usage',
        message: expect.stringMatching(/^\/proc(\/\d+|\/self)? cannot hold folders/) as string,
        hint: expect.stringContaining('home folder') as string,
      })
    },
  )
})
