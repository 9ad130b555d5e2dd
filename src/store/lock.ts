import { readFile, unlink, writeFile } from 'node:fs/promises'
import { LshError } from '../core/errors.js'

/**
 * Claims an embedded database for this process and returns the release. PGlite takes no lock of its
 * own, and two processes on one directory destroy it. A lock whose process is gone is taken over, so
 * that a killed run needs no cleaning up.
 *
 * @throws LshError `locked` while another living process holds it.
 */
export async function claimLock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx' })
      return () => unlink(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await holderOf(path)
    if (holder !== null && isAlive(holder)) {
      throw new LshError('locked', `the embedded database is in use by process ${holder}`, {
        hint: `Wait for it or stop it; if it is not pg-lsh, delete ${path}.`,
      })
    }
    await unlink(path).catch(ignoreMissing)
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

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
