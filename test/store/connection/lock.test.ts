import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claimLock } from '../../../src/store/connection/lock.js'
import { temporaryFolder } from '../../ingest/fixtures.js'

describe('claimLock', () => {
  it('holds the file with its process until it is released', async () => {
    const path = join(await temporaryFolder(), 'lock')
    const release = await claimLock(path)
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`)
    await release()
    expect(existsSync(path)).toBe(false)
    await (
      await claimLock(path)
    )()
  })

  it('refuses while a living process holds it, naming the process and the file', async () => {
    const path = join(await temporaryFolder(), 'lock')
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'])
    try {
      await writeFile(path, `${holder.pid ?? 0}\n`)
      await expect(claimLock(path)).rejects.toMatchObject({
        name: 'LshError',
        code: 'locked',
        message: expect.stringContaining(String(holder.pid)),
        hint: expect.stringContaining(path),
      })
      expect(await readFile(path, 'utf8')).toBe(`${holder.pid ?? 0}\n`)
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
  })

  it('refuses a second claim of its own process', async () => {
    const path = join(await temporaryFolder(), 'lock')
    const release = await claimLock(path)
    await expect(claimLock(path)).rejects.toMatchObject({ code: 'locked' })
    await release()
  })

  it('takes over what a process left that is gone', async () => {
    const path = join(await temporaryFolder(), 'lock')
    await writeFile(path, `${await deadProcess()}\n`)
    const release = await claimLock(path)
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`)
    await release()
  })

  it('takes over what a run left that had the same number, as all have in a container', async () => {
    const path = join(await temporaryFolder(), 'lock')
    await writeFile(path, `${process.pid}\n`)
    await (
      await claimLock(path)
    )()
  })

  it.each(['', 'nonsense\n'])('takes over a file that names no process: %j', async (content) => {
    const path = join(await temporaryFolder(), 'lock')
    await writeFile(path, content)
    await (
      await claimLock(path)
    )()
    expect(existsSync(path)).toBe(false)
  })

  it('gives a lock that is free to one of many that ask at once', async () => {
    const path = join(await temporaryFolder(), 'lock')
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimLock(path)))
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

/** Number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0'])
  await once(child, 'exit')
  return child.pid as number
}
