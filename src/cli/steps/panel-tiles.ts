import type { PanelTile } from '../../report/panel.js'
import type { Store } from '../../store/connect.js'
import { sliceOutlines } from '../../store/outlines.js'
import { planStructures } from '../../store/plan-structures.js'
import { picturedSlices } from '../../store/tiles.js'

/** Stored slices with all that is drawn of them beside each other, by their keys; those that are gone are left out. */
export async function panelTiles(
  store: Store,
  items: readonly number[],
): Promise<Map<number, PanelTile>> {
  const slices = await picturedSlices(store, items)
  const outlines = await sliceOutlines(store, [...slices.keys()])
  const plans = [...new Set([...slices.values()].map(({ planId }) => planId))]
  const structures = await planStructures(store, plans)
  return new Map(
    [...slices].map(([item, slice]): [number, PanelTile] => [
      item,
      {
        ...slice,
        outlined: outlines.get(item) ?? null,
        structures: structures.get(slice.planId) ?? [],
      },
    ]),
  )
}
