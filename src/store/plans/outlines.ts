import { sql } from 'kysely'
import { unpackMask } from '../../core/pixel-mask.js'
import type { Structure } from '../../core/plan.js'
import type { Store } from '../connection/connect.js'
import { inflateMask } from './masks.js'

/** The area of a structure in a stored slice. */
export interface SliceOutline extends Pick<Structure, 'name' | 'role'> {
  /** For each pixel of the slice, row by row: 1 inside the structure, 0 outside. */
  readonly inside: Uint8Array
}

/**
 * The structures in each slice, by the key of the slice, in the order of their names; `null` for a slice of a plan that
 * was stored without masks.
 */
export async function sliceOutlines(
  { db }: Pick<Store, 'db'>,
  items: readonly number[],
): Promise<Map<number, SliceOutline[] | null>> {
  const found = new Map(items.map((item): [number, SliceOutline[] | null] => [item, null]))
  if (items.length === 0) return found
  const rows = await db
    .selectFrom('cbir.slice as slice')
    .innerJoin('cbir.structure as structure', 'structure.plan_id', 'slice.plan_id')
    .select(['slice.item_id', 'slice.rows', 'slice.columns', 'structure.name', 'structure.role'])
    .select(
      sql<Buffer | null>`structure.masks[(
        select count(*)
        from cbir.slice as own
        where own.plan_id = slice.plan_id and own.index <= slice.index
      )]`.as('mask'),
    )
    .where('slice.item_id', 'in', [...found.keys()])
    .where('structure.masks', 'is not', null)
    .orderBy('slice.item_id')
    .orderBy('structure.name')
    .execute()
  for (const { item_id: item, rows: high, columns: wide, name, role, mask } of rows) {
    const outlines = found.get(item) ?? []
    found.set(item, outlines)
    if (mask === null) continue
    outlines.push({ name, role, inside: unpackMask(inflateMask(mask), high * wide) })
  }
  return found
}
