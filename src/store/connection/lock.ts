import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { LshError } from '../../core/errors.js'

/** Milliseconds in which all who saw the same stale lock have had their turn. */
const SETTLE = 100

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
  if (held.has(key)) throw inUse(path, process.pid)
  held.add(key)
  try {
    await claimFile(path)
  } catch (error) {
    held.delete(key)
    throw error
  }
  return async () => {
    held.delete(key)
    await rm(path, { force: true })
  }
}

async function claimFile(path: string): Promise<void> {
  // Written beside and linked into place: a lock never stands there without its holder's number.
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${process.pid}\n`)
  try {
    for (let tookOver = false; ;) {
      if (await linked(draft, path)) {
        // Another taking over at the same time may have put its own in place; who stands there has it.
        if (tookOver) await setTimeout(SETTLE)
        if ((await holderOf(path)) === process.pid) return
        continue
      }
      const holder = await holderOf(path)
      if (holder !== null && holder !== process.pid && isAlive(holder)) throw inUse(path, holder)
      await bury(path, holder)
      tookOver = true
    }
  } finally {
    await rm(draft, { force: true })
  }
}

function inUse(path: string, holder: number): LshError {
  return new LshError('locked', `the embedded database is in use by process ${holder}`, {
    hint: `Wait for it or stop it; if it is not pg-lsh, delete ${path}.`,
  })
}

/** Removes the lock of a process that is gone, unless another has replaced it meanwhile: that is put back. */
async function bury(path: string, holder: number | null): Promise<void> {
  const grave = `${path}.${process.pid}.stale`
  try {
    await rename(path, grave)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if ((await holderOf(grave)) !== holder) await linked(grave, path)
  await rm(grave, { force: true })
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
