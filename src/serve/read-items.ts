import { LshError } from '../core/errors.js'
import type { Store } from '../store/connection/connect.js'
import type { ItemAnswer } from './schemas/answers.js'

/** Facts about items by key; items that the role cannot see are missing. */
export async function readItems(
  { db }: Pick<Store, 'db'>,
  items: readonly number[],
): Promise<Map<number, ItemAnswer>> {
  if (items.length === 0) return new Map()
  const rows = await db
    .selectFrom('cbir.item as item')
    .leftJoin('cbir.slice as slice', 'slice.item_id', 'item.id')
    .leftJoin('cbir.plan_item as whole', 'whole.item_id', 'item.id')
    .leftJoin('cbir.plan as plan', (join) =>
      join.on((eb) => eb('plan.id', '=', eb.fn.coalesce('slice.plan_id', 'whole.plan_id'))),
    )
    .leftJoin('cbir.picture as picture', 'picture.item_id', 'item.id')
    .leftJoin('cbir.patient as patient', (join) =>
      join.on((eb) =>
        eb('patient.id', '=', eb.fn.coalesce('plan.patient_id', 'picture.patient_id')),
      ),
    )
    .select(['item.id', 'item.dataset', 'item.kind', 'item.label', 'item.source_key'])
    .select(['patient.pseudonym', 'plan.source_key as plan', 'plan.id as plan_id', 'plan.site'])
    .select(['plan.prescription_gy', 'plan.voxel_mm', 'slice.index', 'slice.position_mm'])
    .select(['slice.rows', 'slice.columns', 'slice.dose_mean_gy', 'slice.dose_max_gy'])
    .where('item.id', 'in', [...items])
    .execute()
  return new Map(
    rows.map((row): [number, ItemAnswer] => [
      row.id,
      {
        item: row.id,
        dataset: row.dataset,
        kind: row.kind,
        label: row.label,
        source: row.pseudonym,
        key: row.source_key,
        plan: row.plan,
        planId: row.plan_id,
        index: row.index,
        positionMm: row.position_mm,
        rows: row.rows,
        columns: row.columns,
        pixelMm: row.index === null ? null : (row.voxel_mm?.slice(0, 2) ?? null),
        doseMeanGy: row.dose_mean_gy,
        doseMaxGy: row.dose_max_gy,
        prescriptionGy: row.prescription_gy,
        site: row.site,
      },
    ]),
  )
}

/** @throws LshError `LSH01` if there is no such item, or the role cannot see it */
export async function readItem(store: Pick<Store, 'db'>, item: number): Promise<ItemAnswer> {
  const found = (await readItems(store, [item])).get(item)
  if (found) return found
  throw new LshError('LSH01', `item ${item} does not exist`, {
    hint: 'List items: GET /api/v1/items.',
  })
}
