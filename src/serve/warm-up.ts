import { sql } from 'kysely'
import type { Store } from '../store/connection/connect.js'
import { readSpaces } from './read-spaces.js'

/**
 * Runs one search at the start: the first one loads directions, plans statements and compiles code, which would delay
 * the first page.
 *
 * @param ask requests an address of the API
 */
export async function warmUp(
  store: Store,
  ask: (path: string) => Response | Promise<Response>,
): Promise<void> {
  const space = (await readSpaces(store)).find(
    ({ items, indexes }) => items > 0 && indexes.some(({ state }) => state === 'ready'),
  )
  if (!space) return
  const { rows } = await sql<{ item_id: number }>`
    select item_id from ${sql.id('space', space.name)} limit 1`.execute(store.db)
  for (const { item_id } of rows)
    await ask(`/search?space=${space.name}&item=${item_id}&k=12&exact=false`)
}
