import { sql } from 'kysely'
import type { Store } from '../connection/connect.js'

/** Names of those spaces that have features of slices, or of pictures outside plans, of a data set, in their order. */
export async function filledSpaces(
  store: Store,
  spaces: readonly { readonly name: string }[],
  dataset: string,
  of: 'slice' | 'picture',
): Promise<string[]> {
  const filled: string[] = []
  for (const { name } of spaces) {
    const { rows } = await sql<{ filled: boolean }>`
      select exists (
        select 1 from ${sql.id('space', name)} as feature
          join ${sql.id('cbir', of)} as shown on shown.item_id = feature.item_id
          join cbir.item on item.id = feature.item_id
        where item.dataset = ${dataset}
      ) as filled`.execute(store.db)
    if (rows[0]?.filled) filled.push(name)
  }
  return filled
}
