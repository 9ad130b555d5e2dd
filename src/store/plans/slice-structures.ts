import { sql, type RawBuilder } from 'kysely'
import { unpackMask } from '../../core/pixel-mask.js'
import type { SliceImage, Structure } from '../../core/plan.js'
import type { SliceStructures } from '../../core/slice-structures.js'
import type { SliceNeeds, SliceWithAny } from '../../encode/frames/frame.js'
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
 * stored without any masks are left out, and with `withTarget` also those of a plan without a drawn target.
 */
export async function packedStructures(
  { db }: Pick<Store, 'db'>,
  items: readonly number[],
  { withTarget = false }: { withTarget?: boolean } = {},
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
    .$if(withTarget, (query) => query.where(hasDrawnTarget('slice.plan_id')))
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

/** Rows of slices, each with its structures if an encoder needs them and a target of its plan was drawn. */
export async function addStructures<Row extends { readonly item_id: number }>(
  store: Pick<Store, 'db'>,
  rows: readonly Row[],
  { structures }: Partial<Pick<SliceNeeds, 'structures'>>,
): Promise<(Row & { readonly structures?: PackedStructures })[]> {
  if (!structures) return [...rows]
  const items = rows.map(({ item_id }) => item_id)
  const drawn = await packedStructures(store, items, { withTarget: true })
  return rows.map((row) => {
    const own = drawn.get(row.item_id)
    return own ? { ...row, structures: own } : row
  })
}

/** A slice as an encoder sees it. Masks of large slices take megabytes, so few slices should be unpacked at once. */
export function sliceToEncode(slice: {
  readonly image: SliceImage
  readonly structures?: PackedStructures
}): SliceWithAny {
  const { image, structures } = slice
  return structures ? { ...image, structures: unpackStructures(structures) } : image
}

/** Condition that a target of the plan in a column was drawn on the slices of the plan. */
export function hasDrawnTarget(plan: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(plan)} in (
    select target.plan_id from cbir.structure as target where target.role = 'target' and target.masks is not null)`
}

/** Those of some plans that have a target that was drawn on their slices. */
export async function plansWithTarget(
  { db }: Pick<Store, 'db'>,
  plans: Iterable<number>,
): Promise<Set<number>> {
  const rows = await db
    .selectFrom('cbir.plan as plan')
    .select('plan.id')
    .where('plan.id', '=', sql<number>`any(${[...new Set(plans)]}::int[])`)
    .where(hasDrawnTarget('plan.id'))
    .execute()
  return new Set(rows.map(({ id }) => id))
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
