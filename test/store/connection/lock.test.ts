import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claimLock } from '../../../src/store/connection/lock.js'
import { temporaryFolder } from '../../ingest/fixtures.js'

describe('claimLock', () => {
  it('holds the file with the number of its process until it is released', async () => {
    const path = join(await temporaryFolder(), 'lock')
    const release = await claimLock(path)
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`)
    await release()
    expect(existsSync(path)).toBe(false)
    await (
      await claimLock(path)
    )()
  })

  it('refuses while a running process holds the file, and names both', async () => {
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

  it('refuses a second claim by the same process', async () => {
    const path = join(await temporaryFolder(), 'lock')
    const release = await claimLock(path)
    await expect(claimLock(path)).rejects.toMatchObject({ code: 'locked' })
    await release()
  })

  it('replaces the lock of a process that has ended', async () => {
    const path = join(await temporaryFolder(), 'lock')
    await writeFile(path, `${await deadProcess()}\n`)
    const release = await claimLock(path)
    expect(await readFile(path, 'utf8')).toBe(`${process.pid}\n`)
    await release()
  })

  it('replaces the lock of an earlier process with the same number, as in a container', async () => {
    const path = join(await temporaryFolder(), 'lock')
    await writeFile(path, `${process.pid}\n`)
    await (
      await claimLock(path)
    )()
  })

  it.each(['', 'nonsense\n'])(
    'replaces a file that contains no process number: %j',
    async (content) => {
      const path = join(await temporaryFolder(), 'lock')
      await writeFile(path, content)
      await (
        await claimLock(path)
      )()
      expect(existsSync(path)).toBe(false)
    },
  )

  it('grants a free lock to exactly one of many simultaneous claims', async () => {
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
