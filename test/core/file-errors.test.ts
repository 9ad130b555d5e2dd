import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import { fromFileError } from '../../src/core/file-errors.js'
import { temporaryFolder } from '../ingest/fixtures.js'

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('fromFileError', () => {
  it('names the path and gives a hint', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), 'text')
    const works: [() => Promise<unknown>, string, RegExp][] = [
      [() => readFile(join(folder, 'none')), 'none does not exist', /how it is written/],
      [() => readFile(folder), '', /./],
      [() => mkdir(join(folder, 'file', 'below'), { recursive: true }), '', /folders/],
      [() => mkdir(join(folder, 'file')), 'file already exists', /another place/],
      [() => readFile(join(folder, 'file', 'below')), 'has a file where', /folders/],
    ]
    for (const [work, words, hint] of works) {
      const error = await errorOf(work())
      const told = fromFileError(error)
      // When a folder is read as a file, the system does not say which one.
      if (!(error as NodeJS.ErrnoException).path) expect(told).toBe(error)
      else
        expect(told).toMatchObject({
          name: 'LshError',
          code: 'bad_usage',
          message: expect.stringContaining(words),
          hint: expect.stringMatching(hint),
          cause: error,
        })
    }
  })

  it.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENAMETOOLONG', 'EMFILE', 'EISDIR'])(
    'has a message and a hint for %s',
    (code) => {
      const error = Object.assign(new Error('x'), { code, syscall: 'open', path: '/data/x' })
      const { message, hint } = fromFileError(error) as LshError
      expect(message).toMatch(/^\/data\/x \w+/)
      expect(hint).toMatch(/\.$/)
    },
  )

  it('returns errors unchanged that do not come from the file system', () => {
    const own = new LshError('LSH01', 'x', { hint: 'y' })
    const network = Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'connect' })
    for (const error of [own, network, new Error('ENOENT'), 'ENOENT', null])
      expect(fromFileError(error)).toBe(error)
  })
})
