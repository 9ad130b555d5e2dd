import { randomBytes } from 'node:crypto'
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LshError } from '../../core/errors.js'
import { fromFileError } from '../../core/file-errors.js'
import { makeFolder } from '../../core/make-folder.js'
import type { Output } from '../output.js'
import { configFolder } from '../user-folders.js'

export interface PseudonymKeyOptions {
  /** The key itself. (Default: that of the file) */
  pseudonymKey?: string
  /** File with the key, created if it is missing. (Default: pg-lsh/pseudonym.key in the user's configuration) */
  pseudonymKeyFile?: string
}

/** Shorter keys can be found by brute force. */
const shortest = 16

/** The key of the pseudonyms. Its owner can test whether a known patient is in the database. */
export async function pseudonymKey(
  output: Output,
  options: PseudonymKeyOptions,
  { make = true }: { make?: boolean } = {},
): Promise<string> {
  const { pseudonymKey: given, pseudonymKeyFile } = options
  if (given !== undefined && pseudonymKeyFile !== undefined)
    throw new LshError('bad_usage', 'both --pseudonym-key and --pseudonym-key-file are given', {
      hint: 'Give one of them.',
    })
  if (given !== undefined) return checked(given, '--pseudonym-key')
  const path = pseudonymKeyFile ?? join(configFolder(), 'pseudonym.key')
  if (make && (await made(path).catch(refuse)))
    output.say(
      `created the key of the pseudonyms in ${path}: keep it; with another key the same patient gets another pseudonym`,
    )
  const { mode } = await stat(path).catch(refuse)
  if ((mode & 0o077) !== 0)
    throw new LshError('bad_usage', `${path} is readable by other users`, {
      hint: `Run "chmod 600 ${path}".`,
    })
  return checked((await readFile(path, 'utf8').catch(refuse)).trim(), path)
}

function refuse(cause: unknown): never {
  const error = fromFileError(cause)
  if (!(error instanceof LshError)) throw error
  throw new LshError('bad_usage', `the key of the pseudonyms: ${error.message}`, {
    hint: 'Name a file that you may read with --pseudonym-key-file; "load dicom" makes it where its folder may be written to.',
    cause,
  })
}

/** Creates the file if it is missing, atomically, because another process may read it. */
async function made(path: string): Promise<boolean> {
  if (await stat(path).catch(() => null)) return false
  await makeFolder(dirname(path), { mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}

function checked(key: string, where: string): string {
  if (key.length >= shortest) return key
  throw new LshError(
    'bad_usage',
    `${where} has ${key.length} characters, not ${shortest} or more`,
    {
      hint: 'Make a key with "openssl rand -hex 32".',
    },
  )
}
