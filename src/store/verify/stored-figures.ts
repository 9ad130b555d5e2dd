import type { Store } from '../connection/connect.js'
import { IMAGE_COLUMNS, unpackImage } from '../plans/images.js'
import type { Difference } from './plan-differences.js'

/** What is stored of a structure. */
export interface StoredStructure {
  readonly name: string
  readonly volume_cc: number | null
  readonly mean_gy: number | null
  readonly max_gy: number | null
  readonly dvh_bin_gy: number | null
  readonly dvh: readonly number[] | null
  readonly areas_cm2: readonly number[]
}

interface StoredSlice {
  readonly index: number
  readonly mm: number
  readonly highestGy: number | null
}

/** Parts by which figures of one plan may contradict each other: rounding, and bins of histograms. */
const part = 0.02

/** Whether the figures of a stored plan can be those of one plan, by themselves and without any file. */
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
      Math.abs(highestGy - (row.dose_max_gy ?? 0)) > part * highestGy + 0.01
    )
      found.push({
        part: `slice ${row.index}, its own dose`,
        problem: `highest dose is ${highestGy.toFixed(3)} Gy, dose_max_gy ${row.dose_max_gy}`,
      })
    const [before, behind] = [rows[i - 1]?.position_mm, rows[i + 1]?.position_mm]
    const whole = voxelMm[2] as number
    const half = (at: number | undefined) =>
      at === undefined ? whole / 2 : Math.abs(row.position_mm - at) / 2
    if (before !== undefined && before >= row.position_mm)
      found.push({
        part: `slice ${row.index}, its own position`,
        problem: 'lies not behind the slice before it',
      })
    return { index: row.index, mm: half(before) + half(behind), highestGy }
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
  const sum = slices.reduce((all, { mm }, i) => all + ((areas_cm2[i] ?? 0) * mm) / 10, 0)
  // Slices without body are not stored, so that areas may be missing.
  if (cc !== null && (sum > cc * (1 + 3 * part) + 0.05 || (sum === 0 && cc > 0.05)))
    found.push(`cross-sections make ${sum.toFixed(3)} cc, the volume is ${cc} cc`)
  if (mean === null || max === null || dvh === null || bin === null) return found
  if (mean > max * (1 + part)) found.push(`mean of ${mean} Gy is above the maximum of ${max} Gy`)
  const falls = dvh.every((value, i) => value <= (dvh[i - 1] ?? 1) + 1e-6)
  if (!falls) found.push('the histogram rises')
  // The area below a cumulative histogram is the mean.
  const area = dvh.reduce((all, value, i) => all + (bin * (value + (dvh[i + 1] ?? 0))) / 2, 0)
  if (Math.abs(area - mean) > part * mean + bin)
    found.push(`the histogram has a mean of ${area.toFixed(3)} Gy, not ${mean} Gy`)
  const doses = slices.flatMap(({ highestGy }, i) =>
    highestGy !== null && (areas_cm2[i] ?? 0) > 0 ? [highestGy] : [],
  )
  // A peak between voxels is no higher than they are by more than a slope.
  const highest = doses.reduce((most, gy) => Math.max(most, gy), 0)
  if (doses.length > 0 && max > highest * 1.05 + 0.1)
    found.push(`maximum of ${max} Gy is above the ${highest.toFixed(3)} Gy of its slices`)
  return found
}
