import type { Grid } from '../../core/signed-distance.js'
import { bodyExtent } from '../../core/body-extent.js'
import { LshError } from '../../core/errors.js'
import { unpackMask } from '../../core/pixel-mask.js'
import type { Store } from '../../store/connection/connect.js'
import { IMAGE_COLUMNS, unpackImage } from '../../store/plans/images.js'
import { inflateMask } from '../../store/plans/masks.js'
import { filledBody } from '../body-mask.js'

/** A structure of a plan as voxels. */
export interface VolumeStructure {
  readonly name: string
  readonly role: 'target' | 'organ'
  /** 1 for each voxel inside. */
  readonly inside: Uint8Array
}

/**
 * A stored plan as one volume: the box around its body, slices from the head, rows from anterior, columns from the
 * right.
 */
export interface PlanVolume {
  readonly id: number
  readonly patient: number
  readonly key: string
  readonly prescriptionGy: number | null
  readonly grid: Grid
  /** Position of the box in the whole raster: first row and column, and the size of the raster. */
  readonly box: {
    readonly top: number
    readonly left: number
    readonly rows: number
    readonly columns: number
  }
  /** 1 for each voxel of the body; other voxels get no dose. */
  readonly body: Uint8Array
  /** In Gy; null for a plan without dose. */
  readonly dose: Float32Array | null
  readonly structures: readonly VolumeStructure[]
}

/**
 * Reads a plan with its images and masks.
 *
 * @throws LshError `LSH01` for an unknown plan, `LSH03` if it has no masks that show its targets
 */
export async function readPlanVolume(store: Store, plan: number): Promise<PlanVolume> {
  const { db } = store
  const [head, rows, masks] = [
    await db
      .selectFrom('cbir.plan')
      .select(['id', 'patient_id', 'source_key', 'prescription_gy', 'voxel_mm'])
      .where('id', '=', plan)
      .executeTakeFirst(),
    await db
      .selectFrom('cbir.slice')
      .select(['index', ...IMAGE_COLUMNS])
      .where('plan_id', '=', plan)
      .orderBy('index')
      .execute(),
    await db
      .selectFrom('cbir.structure')
      .select(['name', 'role', 'masks'])
      .where('plan_id', '=', plan)
      .orderBy('name')
      .execute(),
  ]
  const [first] = rows
  if (!head || !first) {
    throw new LshError('LSH01', `plan ${plan} does not exist`, {
      hint: 'List the plans: pg-lsh sql "select plan_id, plan from cbir.plans".',
    })
  }
  const drawn = masks.flatMap(({ name, role, masks: bits }) => (bits ? [{ name, role, bits }] : []))
  if (!drawn.some(({ role }) => role === 'target')) {
    throw new LshError('LSH03', `plan ${plan} has no target that was drawn in its slices`, {
      hint: 'Load it with its structures: predictions follow the targets.',
    })
  }
  const images = rows.map(unpackImage)
  const extents = images.map(bodyExtent)
  const bodies = images.map((image, i) => filledBody(image, extents[i]!))
  const { rows: high, columns: wide } = first
  const shown = extents.filter((_, i) => bodies[i]!.some((inside) => inside > 0))
  const top = Math.min(...shown.map((one) => one.top))
  const left = Math.min(...shown.map((one) => one.left))
  const [height, width] = [
    Math.max(...shown.map((one) => one.bottom)) - top,
    Math.max(...shown.map((one) => one.right)) - left,
  ]
  const [rowMm, columnMm, sliceMm] = head.voxel_mm as [number, number, number]
  const grid: Grid = { size: [rows.length, height, width], mm: [sliceMm, rowMm, columnMm] }
  const cut = (into: Uint8Array | Float32Array, slice: number, from: ArrayLike<number>) => {
    for (let r = 0; r < height; r++)
      for (let c = 0; c < width; c++)
        into[(slice * height + r) * width + c] = from[(top + r) * wide + left + c]!
  }
  const voxels = rows.length * height * width
  const body = new Uint8Array(voxels)
  bodies.forEach((inside, i) => cut(body, i, inside))
  const dosed = images.every(({ dose }) => dose !== null)
  const dose = dosed ? new Float32Array(voxels) : null
  if (dose) images.forEach((image, i) => cut(dose, i, image.dose as Float32Array))
  return {
    id: head.id,
    patient: head.patient_id,
    key: head.source_key,
    prescriptionGy: head.prescription_gy,
    grid,
    box: { top, left, rows: high, columns: wide },
    body,
    dose,
    structures: drawn.map(({ name, role, bits }) => {
      const inside = new Uint8Array(voxels)
      bits.forEach((mask, i) => {
        if (mask) cut(inside, i, unpackMask(inflateMask(mask), high * wide))
      })
      return { name, role, inside }
    }),
  }
}
