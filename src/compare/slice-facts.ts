import { alignLevels } from '../core/align-levels.js'
import { bodyExtent } from '../core/body-extent.js'
import type { SliceImage } from '../core/plan.js'
import { linesOf, resampler } from '../encode/frames/resample.js'
import type { Store } from '../store/connection/connect.js'
import { organCentres } from '../store/plans/plan-origins.js'
import { slicesOf } from '../store/plans/slices.js'
import { filledBody, mostlyInside } from './body-mask.js'
import { levelGroups, mandibleLevels, type LevelGroup } from './level-groups.js'

/** Facts about slices besides their features, one array per fact, in the order of the slices' keys. */
export interface SliceFacts {
  readonly items: Int32Array
  readonly plans: Int32Array
  readonly patients: Int32Array
  /** Distance along the axis in mm from the same place in the body; NaN if the plan has no organs. */
  readonly levels: Float64Array
  /** Distance from the centre of the mandible, and of the spinal cord, alone; NaN if the plan lacks the organ. */
  readonly fromMandible: Float64Array
  readonly fromCord: Float64Array
  /**
   * In Gy, `GRID * GRID` numbers per slice: the square of `SQUARE_MM` around the middle of the body; NaN without dose.
   */
  readonly doses: Float32Array
  /** For the same pixels, 1 inside the body. */
  readonly bodies: Uint8Array
  /** The highest dose of each slice, in Gy; 0 without dose. */
  readonly mostGy: Float32Array
  /** The part of the body of each slice; null if unknown. */
  readonly parts: readonly (LevelGroup | null)[]
}

/** Rows and columns to which doses are averaged before they are compared. */
export const GRID = 64
/** The shoulders of the widest patients span 600 mm; the dose lies in the middle. */
const SQUARE_MM = 448

/** Whether a slice, by its index in the facts, belongs to a plan with a dose. */
export function hasDose({ doses }: SliceFacts, place: number): boolean {
  return !Number.isNaN(doses[place * GRID ** 2])
}

/**
 * Whether a slice, by its index in the facts, gets dose anywhere; all other slices look alike to an encoder of dose
 * only.
 */
export function isIrradiated({ mostGy }: SliceFacts, place: number): boolean {
  return mostGy[place]! > 0
}

/** Indices of the slices of patients. */
export function placesOf({ patients }: SliceFacts, of: readonly number[]): Int32Array {
  const wanted = new Set(of)
  return Int32Array.from([...patients.keys()].filter((place) => wanted.has(patients[place]!)))
}

/** Reads the slices of patients; keeps all their doses in memory, 16 kB each. */
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
  const mostGy: number[] = []
  for await (const slices of slicesOf(store, patients)) {
    options.signal?.throwIfAborted()
    for (const { item, plan, positionMm, image } of slices) {
      rows.push({ item, plan, mm: positionMm })
      const [rowMm, columnMm] = planOf.get(plan)!.voxel_mm as [number, number]
      const seen = centred(image, [rowMm, columnMm])
      doses.push(seen.dose)
      bodies.push(seen.body)
      mostGy.push(image.dose?.reduce((most, gy) => Math.max(most, gy), 0) ?? 0)
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
    mostGy: Float32Array.from(mostGy),
    parts: partsOf(rows, bodies, mandibleLevels(centres)),
  }
}

/** The part of the body of each slice, computed plan by plan. */
function partsOf(
  rows: readonly { plan: number; mm: number }[],
  bodies: readonly Uint8Array[],
  mandibles: ReadonlyMap<number, number>,
): (LevelGroup | null)[] {
  const parts: (LevelGroup | null)[] = rows.map(() => null)
  for (const plan of new Set(rows.map((row) => row.plan))) {
    const places = [...rows.keys()].filter((i) => rows[i]!.plan === plan)
    const mandible = mandibles.get(plan) ?? NaN
    const levels = places.map((i) => rows[i]!.mm - mandible)
    const groups = levelGroups(
      levels,
      places.map((i) => widthOf(bodies[i]!)),
    )
    places.forEach((place, i) => (parts[place] = groups[i]!))
  }
  return parts
}

/** Number of columns from the first to the last of a body. */
function widthOf(body: Uint8Array): number {
  let [first, last] = [GRID, -1]
  body.forEach((inside, pixel) => {
    if (!inside) return
    first = Math.min(first, pixel % GRID)
    last = Math.max(last, pixel % GRID)
  })
  return last < 0 ? 0 : last - first + 1
}

/** The dose around the middle of the body, and the mask of the body there. */
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
