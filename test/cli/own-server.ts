import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { migrate } from '../../src/store/schema/migrate.js'
import { onServer, withDatabase } from '../database.js'
import { withStoreAt, type Place } from './place.js'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../docker/debian-server.sh', import.meta.url))
const PORT = 55499

/** A PostgreSQL server that a test may stop and whose disks it may fill. */
export interface OwnServer {
  /** Creates a migrated database; with `megabytes`, on a disk of that size. */
  openPlace(name: string, disk?: { megabytes: number }): Promise<Omit<Place, 'remove'>>
  /** Enlarges the disk of a database to so many megabytes more than are in use. */
  leave(name: string, disk: { kilobytes: number }): Promise<void>
  /** Stops the server as an administrator would, and starts it again. */
  restart(): Promise<void>
  remove(): Promise<void>
}

/** Creates a server in a folder of its own. Takes a minute and needs root and Debian. */
export async function ownServer(): Promise<OwnServer> {
  const dir = await mkdtemp(join(tmpdir(), 'pg-lsh-server-'))
  const server = (command: string, ...args: string[]) =>
    run(script, [command, '--dir', dir, ...args]).then(({ stdout }) => stdout.trim())
  const start = () => server('start', '--port', String(PORT), '--fast')
  const system = join(dir, 'system')
  const disk = (name: string) => join(system, `disk-${name}`)
  let url = await start().catch(async (error: unknown) => {
    await server('destroy')
    throw error
  })

  async function restart(): Promise<void> {
    await server('stop')
    url = await start()
  }

  /** Mounts a disk for a database; the server sees only mounts that exist when it starts. */
  async function mount(name: string, megabytes: number): Promise<void> {
    await run('mkdir', [disk(name)])
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk(name)])
    await run('chown', ['--reference', join(system, 'var/lib/pg-lsh-cluster'), disk(name)])
    await restart()
  }

  return {
    async openPlace(name, options) {
      if (options) await mount(name, options.megabytes)
      await onServer(url, async (admin) => {
        if (options) await admin.query(`create tablespace "${name}" location '/disk-${name}'`)
        await admin.query(`create database "${name}" ${options ? `tablespace "${name}"` : ''}`)
      })
      const db = withDatabase(url, name)
      const withStore = withStoreAt(db)
      await withStore(migrate)
      return { db, withStore }
    },
    async leave(name, { kilobytes }) {
      // Data in memory use no disk space until they are written.
      await onServer(url, (admin) => admin.query('checkpoint'))
      const used = Number((await run('du', ['-sk', disk(name)])).stdout.split('\t')[0])
      await run('mount', ['-o', `remount,size=${used + kilobytes}k`, disk(name)])
    },
    restart,
    // Also unmounts the disks below its folder.
    remove: () => server('destroy').then(() => undefined),
  }
}
