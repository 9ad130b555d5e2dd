import type { NeighbourTile, Panel, PanelTile } from '../../report/panels/panel.js'
import { nearestPerPatient } from '../../search/nearest-per-patient.js'
import { similarSlices, similarSlicesExact } from '../../search/similar-slices.js'
import type { Store } from '../../store/connection/connect.js'
import { panelTiles } from './panel-tiles.js'

/** Neighbours that a panel shows. */
const SHOWN = 5

export interface RetrievalPanelOptions {
  /** Bits of the codes. */
  bits: number
  /** Shows the nearest slices of any patient instead of one per patient. (Default: false) */
  allNeighbours?: boolean
}

/** One query with its nearest slices of other patients, as pictures; by default one per patient. */
export async function retrievalPanel(
  store: Store,
  space: string,
  item: number,
  { bits, allNeighbours = false }: RetrievalPanelOptions,
): Promise<Panel> {
  const search = (k: number) => similarSlices(store.db, item, { space, k }).execute()
  const scan = (k: number) => similarSlicesExact(store.db, item, { space, k }).execute()
  const found = allNeighbours ? await search(SHOWN) : await nearestPerPatient(search, SHOWN)
  const exact = allNeighbours ? await scan(SHOWN) : await nearestPerPatient(scan, SHOWN)
  const edge = Math.max(...exact.map((one) => one.distance))
  const tiles = await panelTiles(store, [item, ...found.map((one) => one.item_id)])
  const tile = (id: number) => tiles.get(id) as PanelTile
  const query = tile(item)
  const whose = allNeighbours
    ? 'its nearest slices of other patients'
    : 'the nearest slice of each other patient'
  return {
    space,
    title: `Slice ${query.sliceIndex} of plan ${query.plan} and ${whose} in ${space}`,
    onePerPatient: !allNeighbours,
    query,
    neighbours: found.map((one): NeighbourTile => ({
      ...tile(one.item_id),
      distance: one.distance,
      hamming: one.hamming,
      bits,
      hit: one.distance <= edge,
    })),
  }
}
