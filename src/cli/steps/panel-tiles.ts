import { alignLevels } from '../../core/align-levels.js'
import type { PanelTile } from '../../report/panels/panel.js'
import type { Store } from '../../store/connection/connect.js'
import { sliceOutlines } from '../../store/plans/outlines.js'
import { organCentres } from '../../store/plans/plan-origins.js'
import { planStructures } from '../../store/plans/plan-structures.js'
import { picturedSlices } from '../../store/plans/tiles.js'

/** Stored slices with everything that a panel draws, by key; deleted slices are missing. */
export async function panelTiles(
  store: Store,
  items: readonly number[],
): Promise<Map<number, PanelTile>> {
  const slices = await picturedSlices(store, items)
  const outlines = await sliceOutlines(store, [...slices.keys()])
  const plans = [...new Set([...slices.values()].map(({ planId }) => planId))]
  const structures = await planStructures(store, plans)
  const middles = await levelOrigins(store, plans)
  return new Map(
    [...slices].map(([item, slice]): [number, PanelTile] => [
      item,
      {
        ...slice,
        levelMm: slice.positionMm - (middles.get(slice.planId) ?? NaN),
        outlined: outlines.get(item) ?? null,
        structures: structures.get(slice.planId) ?? [],
      },
    ]),
  )
}

/**
 * For each plan, the `position_mm` of the same place in the body, estimated from the organs of these plans; NaN without
 * organs.
 */
async function levelOrigins(
  store: Store,
  plans: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (plans.length === 0) return new Map()
  const rows = await store.db
    .selectFrom('cbir.plan')
    .select('patient_id')
    .where('id', 'in', [...plans])
    .execute()
  const all = await organCentres(
    store,
    rows.map(({ patient_id }) => patient_id),
  )
  const shown = [...all].filter(([plan]) => plans.includes(plan))
  const origins = alignLevels(shown.map(([, centres]) => centres))
  return new Map(shown.map(([plan], i) => [plan, origins[i]!]))
}
