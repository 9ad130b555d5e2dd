import type pg from 'pg'
import { LshError } from '../../core/errors.js'

/**
 * Version of the extension `pg_lsh` in a database; `null` if `pg-lsh migrate` installed the functions or nothing is
 * installed.
 */
export async function installedExtension(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ extversion: string }>(
    `select extversion from pg_catalog.pg_extension where extname = 'pg_lsh'`,
  )
  return rows[0]?.extversion ?? null
}

/**
 * Refuses `pg-lsh migrate` for a database whose functions belong to the extension.
 *
 * @throws LshError `database` with the command to run instead
 */
export async function refuseExtension(
  client: pg.PoolClient,
  direction: 'up' | 'down',
): Promise<void> {
  const version = await installedExtension(client)
  if (version === null) return
  throw new LshError('database', `pg-lsh ${version} is installed as an extension of PostgreSQL`, {
    hint:
      direction === 'up'
        ? 'Upgrade the extension: "alter extension pg_lsh update". Plans and images need a database that "pg-lsh migrate" has created.'
        : 'Remove the extension: "drop extension pg_lsh cascade", which drops the code tables as well.',
  })
}
