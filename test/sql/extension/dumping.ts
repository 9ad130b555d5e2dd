/** Ways to copy a database, each with the programs of the server. */
import { withDatabase } from '../../database.js'
import { emptyDatabase, nameOf, program, run, sharedFolder, url } from './server.js'

export interface Way {
  readonly name: string
  /** Copies a database; returns the URL of the copy. */
  carry(from: string): Promise<string>
}

/** Disables foreign keys and triggers: parallel jobs ignore dependencies on foreign keys of an extension. */
const replica = (place: string) => `${place}?options=-csession_replication_role%3Dreplica`

/** A way that dumps into a file and restores it in one or more steps. */
function through(
  dump: readonly string[],
  ...restores: readonly (readonly string[])[]
): Way['carry'] {
  return async (from) => {
    const to = await emptyDatabase()
    const folder = sharedFolder()
    try {
      const file = `${folder.there}/dump`
      await program('pg_dump', [...dump, '-f', file, from])
      for (const restore of restores)
        await program('pg_restore', ['--exit-on-error', ...restore, '-d', replica(to), file])
    } finally {
      folder.remove()
    }
    return to
  }
}

export const PLAIN: Way = {
  name: 'a plain dump, in one transaction',
  async carry(from) {
    const to = await emptyDatabase()
    const input = Buffer.from(await program('pg_dump', [from]), 'latin1')
    await program('psql', ['-q', '-X', '-1', '-v', 'ON_ERROR_STOP=1', '-f', '-', to], { input })
    return to
  },
}

export const PARALLEL: Way = {
  name: 'a folder, written and read by several jobs',
  carry: through(['-Fd', '-j2'], ['-j3']),
}

export const OTHERS: readonly Way[] = [
  { name: 'a custom dump', carry: through(['-Fc'], []) },
  { name: 'a tar file', carry: through(['-Ft'], []) },
  {
    name: 'sections one after another',
    carry: through(
      ['-Fc'],
      ['--section=pre-data'],
      ['--section=data', '-j2'],
      ['--section=post-data', '-j2'],
    ),
  },
  {
    name: 'the schema first, then the data alone',
    carry: through(['-Fc'], ['--schema-only'], ['--data-only']),
  },
  {
    name: 'rows as inserts',
    async carry(from) {
      const to = await emptyDatabase()
      const input = Buffer.from(await program('pg_dump', ['--inserts', from]), 'latin1')
      await program('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-f', '-', to], { input })
      return to
    },
  },
  {
    name: 'create database ... template',
    async carry(from) {
      const to = await emptyDatabase(`template ${nameOf(from)}`)
      return to
    },
  },
  {
    name: 'a dump that is restored over the database itself',
    async carry(from) {
      const folder = sharedFolder()
      try {
        const file = `${folder.there}/dump`
        await program('pg_dump', ['-Fc', '-f', file, from])
        await run(withDatabase(url, 'postgres'), `drop database ${nameOf(from)} with (force)`)
        await run(withDatabase(url, 'postgres'), `create database ${nameOf(from)}`)
        await program('pg_restore', ['--exit-on-error', '-d', from, file])
      } finally {
        folder.remove()
      }
      return from
    },
  },
]
