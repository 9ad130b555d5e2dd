import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { LshError } from '../../core/errors.js'

/** Milliseconds within which all processes that saw the same stale lock act on it. */
const SETTLE = 100

/**
 * Locks of this process. A lock file that has the number of this process but is not in this list is stale: in a
 * container, every run may have the same process number.
 */
const held = new Set<string>()

/**
 * Locks an embedded database for this process and returns a function that releases it. PGlite has no lock, and two
 * processes in one directory would destroy the database. A lock of a process that no longer exists is taken over, so a
 * killed run needs no cleanup.
 *
 * @throws LshError `locked` if a running process, or this one, holds it.
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
  // Written under another name and linked into place, so that a lock always contains its process number.
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${process.pid}\n`)
  try {
    for (let tookOver = false; ;) {
      if (await linked(draft, path)) {
        // Another process may take over at the same time; the one whose number is in the file has the lock.
        if (tookOver) await setTimeout(SETTLE)
        if ((await holderOf(path)) === process.pid) return
        continue
      }
      const holder = await holderOf(path)
      if (holder !== null && holder !== process.pid && isAlive(holder)) throw inUse(path, holder)
      await removeStale(path, holder)
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

/**
 * Removes the lock of a process that no longer exists, unless another process has replaced it meanwhile; then that lock
 * is restored.
 */
async function removeStale(path: string, holder: number | null): Promise<void> {
  const aside = `${path}.${process.pid}.stale`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if ((await holderOf(aside)) !== holder) await linked(aside, path)
  await rm(aside, { force: true })
}

/** Links a file to another name; false if that name already exists. */
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
    // EPERM: it runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
