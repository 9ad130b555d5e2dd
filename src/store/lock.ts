import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LshError } from '../core/errors.js'

/** Locks of this process. A file that names its number but is not here is left from an earlier one: in a container each run has the same. */
const held = new Set<string>()

/**
 * Claims an embedded database for this process and returns the release. PGlite takes no lock of its
 * own, and two processes on one directory destroy it. A lock whose process is gone is taken over, so
 * that a killed run needs no cleaning up.
 *
 * @throws LshError `locked` while another living process, or this one, holds it.
 */
export async function claimLock(path: string): Promise<() => Promise<void>> {
  const key = resolve(path)
  // Written beside and linked into place: a lock never stands there without its holder's number.
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${process.pid}\n`)
  try {
    while (!(await linked(draft, path))) {
      const holder = await holderOf(path)
      if (holder === process.pid ? held.has(key) : holder !== null && isAlive(holder)) {
        throw new LshError('locked', `the embedded database is in use by process ${holder}`, {
          hint: `Wait for it or stop it; if it is not pg-lsh, delete ${path}.`,
        })
      }
      await rm(path, { force: true })
    }
  } finally {
    await rm(draft, { force: true })
  }
  held.add(key)
  return async () => {
    held.delete(key)
    await rm(path, { force: true })
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function holderOf(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const holder = Number.parseInt(text, 10)
  return Number.isInteger(holder) ? holder : null
}

function isAlive(holder: number): boolean {
  try {
    process.kill(holder, 0)
    return true
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
