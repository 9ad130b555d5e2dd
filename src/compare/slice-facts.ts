import { alignLevels } from '../core/align-levels.js'
import { bodyExtent } from '../core/body-extent.js'
import type { SliceImage } from '../core/plan.js'
import { linesOf, resampler } from '../encode/frames/resample.js'
import type { Store } from '../store/connection/connect.js'
import { organCentres } from '../store/plans/plan-origins.js'
import { slicesOf } from '../store/plans/slices.js'
import { filledBody, mostlyInside } from './body-mask.js'

/** What is known of slices besides their features, each in one array for all, in the order of their keys. */
export interface SliceFacts {
  readonly items: Int32Array
  readonly plans: Int32Array
  readonly patients: Int32Array
  /** Distance along the axis in mm from the same place of the body; NaN where a plan has no organs. */
  readonly levels: Float64Array
  /** The same from the centre of the mandible, and of the spinal cord, alone; NaN where the plan lacks it. */
  readonly fromMandible: Float64Array
  readonly fromCord: Float64Array
  /** Gy, `GRID * GRID` numbers a slice: the square of `SQUARE_MM` around the middle of the body; NaN without dose. */
  readonly doses: Float32Array
  /** Of the same pixels, 1 inside the body. */
  readonly bodies: Uint8Array
  /** 1 for each slice that gets dose anywhere. */
  readonly irradiated: Uint8Array
}

/** Rows and columns to which doses are averaged before they are compared. */
export const GRID = 64
/** Shoulders of the widest patients have 600 mm; the dose lies in the middle. */
const SQUARE_MM = 448

/** Whether a slice, by its place in the facts, is of a plan with a dose. */
export function hasDose({ doses }: SliceFacts, place: number): boolean {
  return !Number.isNaN(doses[place * GRID ** 2])
}

/** Whether a slice, by its place in the facts, gets dose anywhere: all others look alike where only dose is seen. */
export function isIrradiated({ irradiated }: SliceFacts, place: number): boolean {
  return irradiated[place] === 1
}

/** Reads the slices of patients; their doses are all in memory, 16 kB each. */
export async function readSliceFacts(
  store: Store,
  patients: readonly number[],
  options: { onProgress?: (slices: number) => void; signal?: AbortSignal } = {},
): Promise<SliceFacts> {
  const plans = await store.db
    .selectFrom('cbir.plan')
    .select(['id', 'patient_id', 'voxel_mm'])
    .where('patient_id', 'in', [...patients])
    .execute()
  const planOf = new Map(plans.map((plan) => [plan.id, plan]))
  const centres = await organCentres(store, patients)
  const middles = alignLevels([...centres.values()])
  const origins = new Map([...centres.keys()].map((plan, i) => [plan, middles[i]!]))
  const rows: { item: number; plan: number; mm: number }[] = []
  const doses: Float64Array[] = []
  const bodies: Uint8Array[] = []
  const irradiated: number[] = []
  for await (const slices of slicesOf(store, patients)) {
    options.signal?.throwIfAborted()
    for (const { item, plan, positionMm, image } of slices) {
      rows.push({ item, plan, mm: positionMm })
      const [rowMm, columnMm] = planOf.get(plan)!.voxel_mm as [number, number]
      const seen = centred(image, [rowMm, columnMm])
      doses.push(seen.dose)
      bodies.push(seen.body)
      irradiated.push(image.dose?.some((gy) => gy > 0) ? 1 : 0)
    }
    options.onProgress?.(slices.length)
  }
  const from = (organ: string) =>
    Float64Array.from(rows, ({ plan, mm }) => mm - (centres.get(plan)?.get(organ) ?? NaN))
  const all = new Float32Array(rows.length * GRID ** 2)
  doses.forEach((dose, i) => all.set(dose, i * GRID ** 2))
  const inside = new Uint8Array(rows.length * GRID ** 2)
  bodies.forEach((body, i) => inside.set(body, i * GRID ** 2))
  return {
    items: Int32Array.from(rows, ({ item }) => item),
    plans: Int32Array.from(rows, ({ plan }) => plan),
    patients: Int32Array.from(rows, ({ plan }) => planOf.get(plan)!.patient_id),
    levels: Float64Array.from(rows, ({ plan, mm }) => mm - origins.get(plan)!),
    fromMandible: from('Mandible'),
    fromCord: from('SpinalCord'),
    doses: all,
    bodies: inside,
    irradiated: Uint8Array.from(irradiated),
  }
}

/** The dose around the middle of the body, and which pixels of it are body. */
function centred(
  image: SliceImage,
  [rowMm, columnMm]: readonly [number, number],
): { dose: Float64Array; body: Uint8Array } {
  const { rows, columns } = image
  const extent = bodyExtent(image)
  const [height, width] = [SQUARE_MM / rowMm, SQUARE_MM / columnMm]
  const box = {
    top: (extent.top + extent.bottom - height) / 2,
    left: (extent.left + extent.right - width) / 2,
    height,
    width,
  }
  const resample = resampler({ rows, columns, box, size: GRID })
  const inside = resample(linesOf(filledBody(image, extent), columns))
  return {
    dose:
      image.dose === null
        ? new Float64Array(GRID ** 2).fill(NaN)
        : resample(linesOf(image.dose, columns)),
    body: mostlyInside(inside),
  }
}
