import type { Store } from '../connection/connect.js'
import { IMAGE_COLUMNS, unpackImage } from '../plans/images.js'
import type { Difference } from './plan-differences.js'

/** Stored figures of a structure. */
export interface StoredStructure {
  readonly name: string
  readonly volume_cc: number | null
  readonly mean_gy: number | null
  readonly max_gy: number | null
  readonly dvh_bin_gy: number | null
  readonly dvh: readonly number[] | null
  /** Area of its cross-section in each slice of the plan. */
  readonly areas_cm2: readonly number[]
}

interface StoredSlice {
  readonly index: number
  readonly thicknessMm: number
  /** Highest dose of its image; null without dose. */
  readonly highestGy: number | null
}

/** Relative tolerance of comparisons, for rounding and for the bins of histograms. */
const TOLERANCE = 0.02

/** Finds contradictions between the stored figures of a plan, without reading its files. */
export async function contradictions(
  { db }: Pick<Store, 'db'>,
  id: number,
  structures: readonly StoredStructure[],
): Promise<Difference[]> {
  const { voxel_mm: voxelMm } = await db
    .selectFrom('cbir.plan')
    .select('voxel_mm')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const rows = await db
    .selectFrom('cbir.slice')
    .select(['index', 'position_mm', 'dose_max_gy', ...IMAGE_COLUMNS])
    .where('plan_id', '=', id)
    .orderBy('index')
    .execute()
  const found: Difference[] = []
  const slices = rows.map((row, i): StoredSlice => {
    const { dose } = unpackImage(row)
    const highestGy = dose?.reduce((most, gy) => Math.max(most, gy), 0) ?? null
    if (
      highestGy !== null &&
      Math.abs(highestGy - (row.dose_max_gy ?? 0)) > TOLERANCE * highestGy + 0.01
    )
      found.push({
        part: `slice ${row.index}, its own dose`,
        problem: `highest dose of its image is ${highestGy.toFixed(3)} Gy, but dose_max_gy is ${row.dose_max_gy}`,
      })
    const [previous, next] = [rows[i - 1]?.position_mm, rows[i + 1]?.position_mm]
    const spacing = voxelMm[2] as number
    const halfGap = (neighbour: number | undefined) =>
      neighbour === undefined ? spacing / 2 : Math.abs(row.position_mm - neighbour) / 2
    if (previous !== undefined && previous >= row.position_mm)
      found.push({
        part: `slice ${row.index}, its own position`,
        problem: `position_mm is ${row.position_mm}, but the slice before it is at ${previous}`,
      })
    return { index: row.index, thicknessMm: halfGap(previous) + halfGap(next), highestGy }
  })
  for (const structure of structures)
    found.push(
      ...structureContradictions(structure, slices).map((problem) => ({
        part: `structure ${structure.name}, its own figures`,
        problem,
      })),
    )
  return found
}

function structureContradictions(
  { volume_cc: cc, mean_gy: mean, max_gy: max, dvh_bin_gy: bin, dvh, areas_cm2 }: StoredStructure,
  slices: readonly StoredSlice[],
): string[] {
  const found: string[] = []
  const sum = slices.reduce(
    (all, { thicknessMm }, i) => all + ((areas_cm2[i] ?? 0) * thicknessMm) / 10,
    0,
  )
  // The sum may be too small, because slices outside the body are not stored.
  if (cc !== null && (sum > cc * (1 + 3 * TOLERANCE) + 0.05 || (sum === 0 && cc > 0.05)))
    found.push(`cross-sections add up to ${sum.toFixed(3)} cc, but the volume is ${cc} cc`)
  if (mean === null || max === null || dvh === null || bin === null) return found
  if (mean > max * (1 + TOLERANCE))
    found.push(`mean of ${mean} Gy is above the maximum of ${max} Gy`)
  const isFalling = dvh.every((value, i) => value <= (dvh[i - 1] ?? 1) + 1e-6)
  if (!isFalling) found.push('the cumulative histogram rises')
  // The area under a cumulative histogram is the mean.
  const area = dvh.reduce((all, value, i) => all + (bin * (value + (dvh[i + 1] ?? 0))) / 2, 0)
  if (Math.abs(area - mean) > TOLERANCE * mean + bin)
    found.push(`the histogram has a mean of ${area.toFixed(3)} Gy, but the mean is ${mean} Gy`)
  const doses = slices.flatMap(({ highestGy }, i) =>
    highestGy !== null && (areas_cm2[i] ?? 0) > 0 ? [highestGy] : [],
  )
  // The maximum may lie between voxels, where the dose is only slightly higher.
  const highest = doses.reduce((most, gy) => Math.max(most, gy), 0)
  if (doses.length > 0 && max > highest * 1.05 + 0.1)
    found.push(
      `maximum of ${max} Gy is above the highest dose of its slices, ${highest.toFixed(3)} Gy`,
    )
  return found
}
