import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'

/**
 * The row of a space.
 *
 * @throws LshError `LSH01` if it does not exist.
 */
export async function readSpace(store: Pick<Store, 'db'>, space: string) {
  const row = await store.db
    .selectFrom('cbir.space')
    .selectAll()
    .where('name', '=', space)
    .executeTakeFirst()
  if (row) return row
  throw new LshError('LSH01', `space "${space}" does not exist`, {
    hint: `Train its encoder: "pg-lsh train --space ${space}".`,
  })
}

/**
 * Number of vectors in a space.
 *
 * @throws LshError `LSH01` if it does not exist.
 */
export async function spaceSize(store: Store, space: string): Promise<number> {
  await readSpace(store, space)
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from ${sql.id('space', space)}`.execute(store.db)
  return rows[0]?.count ?? 0
}
