import type pg from 'pg'
import { LshError } from '../../core/errors.js'

/** Version of the extension `pg_lsh` in a database; `null` where `pg-lsh migrate` keeps it, or nobody does yet. */
export async function installedExtension(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ extversion: string }>(
    `select extversion from pg_catalog.pg_extension where extname = 'pg_lsh'`,
  )
  return rows[0]?.extversion ?? null
}

/**
 * Keeps `pg-lsh migrate` off a database whose functions belong to the extension.
 *
 * @throws LshError `database` with what to run instead
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
        ? 'Upgrade it there: "alter extension pg_lsh update". Plans and images need a database that "pg-lsh migrate" has made.'
        : 'Remove it there: "drop extension pg_lsh cascade", which drops the code tables as well.',
  })
}
