import { sql } from 'kysely'
import { unpackMask } from '../../core/pixel-mask.js'
import type { Structure } from '../../core/plan.js'
import type { SliceStructures } from '../../core/slice-structures.js'
import type { Store } from '../connection/connect.js'
import { inflateMask } from './masks.js'

/** The structures of a slice with their masks as they are stored. */
export interface PackedStructures extends Omit<SliceStructures, 'masks'> {
  /** Number of pixels of the slice. */
  readonly pixels: number
  readonly masks: readonly (Pick<Structure, 'name' | 'role'> & { readonly mask: Uint8Array })[]
}

/**
 * The structures that cut slices, by the key of the slice, each in the order of their names. Slices of a plan that was
 * stored without any masks are left out.
 */
export async function packedStructures(
  { db }: Pick<Store, 'db'>,
  items: readonly number[],
): Promise<Map<number, PackedStructures>> {
  const found = new Map<number, PackedStructures>()
  if (items.length === 0) return found
  const rows = await db
    .selectFrom('cbir.slice as slice')
    .innerJoin('cbir.plan as plan', 'plan.id', 'slice.plan_id')
    .innerJoin('cbir.structure as structure', 'structure.plan_id', 'slice.plan_id')
    .select(['slice.item_id', 'rows', 'columns', 'voxel_mm', 'prescription_gy'])
    .select(['structure.name', 'structure.role'])
    .select(
      sql<Buffer | null>`structure.masks[(
        select count(*)
        from cbir.slice as own
        where own.plan_id = slice.plan_id and own.index <= slice.index
      )]`.as('mask'),
    )
    .where('slice.item_id', '=', sql<number>`any(${items}::int[])`)
    .where('structure.masks', 'is not', null)
    .orderBy('slice.item_id')
    .orderBy('structure.name')
    .execute()
  for (const { item_id: item, name, role, mask, ...slice } of rows) {
    const [height, width] = slice.voxel_mm as [number, number]
    const { masks } = found.get(item) ?? { masks: [] }
    found.set(item, {
      pixels: slice.rows * slice.columns,
      masks: mask === null ? masks : [...masks, { name, role, mask }],
      pixelMm: [height, width],
      prescriptionGy: slice.prescription_gy,
    })
  }
  return found
}

/** Those of some plans that have a target that was drawn on their slices. */
export async function plansWithTarget(
  { db }: Pick<Store, 'db'>,
  plans: Iterable<number>,
): Promise<Set<number>> {
  const rows = await db
    .selectFrom('cbir.structure')
    .select('plan_id')
    .distinct()
    .where('plan_id', '=', sql<number>`any(${[...new Set(plans)]}::int[])`)
    .where('role', '=', 'target')
    .where('masks', 'is not', null)
    .execute()
  return new Set(rows.map(({ plan_id }) => plan_id))
}

export function unpackStructures(packed: PackedStructures): SliceStructures {
  const { pixels, masks, ...rest } = packed
  return {
    ...rest,
    masks: masks.map(({ mask, ...structure }) => ({
      ...structure,
      inside: unpackMask(inflateMask(mask), pixels),
    })),
  }
}
