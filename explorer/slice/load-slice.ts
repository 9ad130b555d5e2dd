import { ask, askBytes, type ItemAnswer, type Outline } from '../api.js'
import { recent } from '../parts/recent.js'

/** The values of a slice in HU and Gy, and its structures. */
export interface SliceData {
  readonly rows: number
  readonly columns: number
  readonly ct: Int16Array
  readonly dose: Float32Array | null
  /** Height and width of a pixel, in mm. */
  readonly pixelMm: readonly [number, number]
  readonly prescriptionGy: number | null
  readonly item: ItemAnswer
}

/** Slices to cache: some screens of results, and a plan that is scrolled through. */
const KEPT = 160

/** Facts about items from other answers. */
const facts = new Map<number, ItemAnswer>()

const read = recent(KEPT, async (key): Promise<SliceData> => {
  const item = facts.get(Number(key)) ?? (await ask<ItemAnswer>(`/items/${key}`))
  facts.delete(item.item)
  const [ct, dose] = await Promise.all([
    askBytes(`/items/${key}/raster?channel=ct`),
    item.doseMaxGy === null ? null : askBytes(`/items/${key}/raster?channel=dose`),
  ])
  const unit = dose?.header('x-unit') ?? 1
  const [height = 1, width = 1] = item.pixelMm ?? []
  return {
    rows: ct.header('x-rows'),
    columns: ct.header('x-columns'),
    ct: new Int16Array(ct.bytes),
    dose: dose && Float32Array.from(new Uint16Array(dose.bytes), (steps) => steps * unit),
    pixelMm: [height, width],
    prescriptionGy: item.prescriptionGy,
    item,
  }
})

/** A stored slice, from the server or the cache; `known` avoids a request for its facts. */
export function loadSlice(item: number, known?: ItemAnswer): Promise<SliceData> {
  if (known && facts.size < KEPT) facts.set(item, known)
  return read(String(item)).finally(() => facts.delete(item))
}

const readOutlines = recent(KEPT, (key) =>
  ask<{ outlines: Outline[] }>(`/items/${key}/outlines`).then(({ outlines }) => outlines),
)

/** The structures in a stored slice, from the server or the cache. */
export function loadOutlines(item: number): Promise<readonly Outline[]> {
  return readOutlines(String(item))
}
