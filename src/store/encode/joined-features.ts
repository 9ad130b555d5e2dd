import { sql } from 'kysely'
import type { Store } from '../connection/connect.js'
import type { SpacePart } from '../connection/database.js'
import type { Feature } from './feature.js'

/** An item with its vector in each part of a joint space. */
interface JoinedRow {
  item_id: number
  [part: `vector${number}`]: Float32Array
}

/**
 * Yields the missing vectors of a joint space: the vectors of its parts, concatenated, each divided by the scale of its
 * part, so that no part dominates, and multiplied by its weight.
 */
export async function* joinedFeatures(
  store: Store,
  space: string,
  parts: readonly SpacePart[],
): AsyncGenerator<Feature[]> {
  const columns = parts.map(
    (_, i) => sql`${sql.ref(`part${i}.embedding`)} as ${sql.id(`vector${i}`)}`,
  )
  const joins = parts.map((part, i) =>
    i === 0
      ? sql`${sql.id('space', part.space)} as ${sql.id(`part${i}`)}`
      : sql`join ${sql.id('space', part.space)} as ${sql.id(`part${i}`)} using (item_id)`,
  )
  for (;;) {
    const { rows } = await sql<JoinedRow>`
      select item_id, ${sql.join(columns)}
      from ${sql.join(joins, sql` `)}
      where not exists (select 1 from ${sql.id('space', space)} as feature where feature.item_id = part0.item_id)
      order by item_id
      limit 512`.execute(store.db)
    if (rows.length === 0) return
    yield rows.map((row) => ({
      item: row.item_id,
      vector: joined(
        parts,
        parts.map((_, i) => row[`vector${i}`] as Float32Array),
      ),
    }))
  }
}

/** The vector of an item in a joint space, computed from its vectors in the parts. */
export function joined(
  parts: readonly SpacePart[],
  vectors: readonly Float32Array[],
): Float32Array {
  const out = new Float32Array(vectors.reduce((sum, vector) => sum + vector.length, 0))
  let at = 0
  parts.forEach(({ scale, weight }, i) => {
    for (const value of vectors[i] as Float32Array) out[at++] = (value * weight) / scale
  })
  return out
}
