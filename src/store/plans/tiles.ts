import type { SliceImage } from '../../core/plan.js'
import { IMAGE_COLUMNS, unpackImage } from './images.js'
import type { Store } from '../connection/connect.js'
import { addStructures, type PackedStructures } from './slice-structures.js'

/** A stored slice with the facts that label a picture of it. */
export interface PicturedSlice {
  readonly item: number
  readonly planId: number
  readonly image: SliceImage
  /** If they were requested and a target of the plan was drawn. */
  readonly structures?: PackedStructures
  /** Height and width of a pixel in mm. */
  readonly pixelMm: readonly [number, number]
  readonly plan: string
  readonly sliceIndex: number
  readonly positionMm: number
  /** `null` for a plan without dose that does not state its prescription. */
  readonly prescriptionGy: number | null
}

/** Reads slices with their images, and if requested with their structures, by their keys. */
export async function picturedSlices(
  store: Store,
  items: readonly number[],
  options: { structures?: boolean } = {},
): Promise<Map<number, PicturedSlice>> {
  const rows = await store.db
    .selectFrom('cbir.slice as slice')
    .innerJoin('cbir.plan as plan', 'plan.id', 'slice.plan_id')
    .select(['item_id', 'plan_id', ...IMAGE_COLUMNS, 'index', 'position_mm'])
    .select(['source_key', 'voxel_mm', 'prescription_gy'])
    .where('item_id', 'in', [...items])
    .execute()
  const slices = await addStructures(store, rows, options)
  return new Map(
    slices.map(({ structures, ...row }) => {
      const slice: PicturedSlice = {
        item: row.item_id,
        planId: row.plan_id,
        image: unpackImage(row),
        ...(structures && { structures }),
        pixelMm: [row.voxel_mm[0] as number, row.voxel_mm[1] as number],
        plan: row.source_key,
        sliceIndex: row.index,
        positionMm: row.position_mm,
        prescriptionGy: row.prescription_gy,
      }
      return [slice.item, slice]
    }),
  )
}
