import { createHash } from 'node:crypto'
import type { StructureTable } from '../connection/database.js'
import { IMAGE_COLUMNS, unpackImage, type StoredImage } from '../plans/images.js'
import { inflateMask } from '../plans/masks.js'
import type { PreparedPlan, PreparedSlice, PreparedStructure } from '../plans/prepared-plan.js'
import type { Store } from '../connection/connect.js'

/** One difference between the database and the files, or a contradiction between stored figures. */
export interface Difference {
  /** Part of the plan: `slice 12 CT`, `features in ct_shallow`. */
  readonly part: string
  /** What is wrong with it, to be read after the part and a colon. */
  readonly problem: string
}

interface SliceRow extends StoredImage {
  readonly item_id: number
  readonly index: number
  readonly position_mm: number
  readonly preview: Buffer
}

/** Compares a stored plan with the same plan, read again from its files: figures, slices, previews and structures. */
export async function planDifferences(
  { db }: Pick<Store, 'db'>,
  id: number,
  plan: PreparedPlan,
): Promise<Difference[]> {
  const stored = await db
    .selectFrom('cbir.plan')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const slices = await db
    .selectFrom('cbir.slice')
    .innerJoin('cbir.item', 'cbir.item.id', 'cbir.slice.item_id')
    .select(['item_id', 'index', 'position_mm', 'preview', ...IMAGE_COLUMNS])
    .where('plan_id', '=', id)
    .orderBy('index')
    .execute()
  const structures = await db
    .selectFrom('cbir.structure')
    .selectAll()
    .where('plan_id', '=', id)
    .execute()
  return [
    ...differing('plan', [
      ['checksum', plan.checksum, stored.checksum],
      ['site', plan.site, stored.site],
      ['prescription in Gy', plan.prescriptionGy, stored.prescription_gy],
      [
        'voxel size in mm',
        plan.voxelMm.map(Math.fround).join(' x '),
        stored.voxel_mm.map(Math.fround).join(' x '),
      ],
      [
        'slices',
        plan.slices.map(({ index }) => index).join(),
        slices.map(({ index }) => index).join(),
      ],
      ['structures', namesOf(plan.structures), namesOf(structures)],
    ]),
    ...slices.flatMap((row) => {
      const slice = plan.slices.find(({ index }) => index === row.index)
      return slice ? sliceDifferences(slice, row) : []
    }),
    ...structures.flatMap((row) => {
      const structure = plan.structures.find(({ name }) => name === row.name)
      return structure ? structureDifferences(structure, row) : []
    }),
  ]
}

function sliceDifferences(slice: PreparedSlice, row: SliceRow): Difference[] {
  const part = `slice ${row.index}`
  const [file, stored] = [unpackImage(slice.image), unpackImage(row)]
  // Doses are stored as whole numbers of a unit; a difference of one unit can come from rounding.
  const tolerance = 1.01 * (row.dose_unit_gy ?? 0)
  return [
    ...differing(part, [
      ['position in mm', slice.positionMm, row.position_mm],
      ['rows', file.rows, stored.rows],
      ['columns', file.columns, stored.columns],
    ]),
    ...differingPixels(`${part} CT`, 'HU', file.ct, stored.ct, 0),
    ...differingDoses(`${part} dose`, file.dose, stored.dose, tolerance),
    ...(Buffer.compare(slice.preview, row.preview) === 0
      ? []
      : [{ part: `${part} preview`, problem: 'differs from the one drawn from the files' }]),
  ]
}

function differingDoses(
  part: string,
  file: Float32Array | null,
  stored: Float32Array | null,
  tolerance: number,
): Difference[] {
  if (file !== null && stored !== null) return differingPixels(part, 'Gy', file, stored, tolerance)
  if (file === stored) return []
  const problem = `is only in the ${file === null ? 'database' : 'files'}`
  return [{ part, problem }]
}

function differingPixels(
  part: string,
  unit: string,
  file: Int16Array | Float32Array,
  stored: Int16Array | Float32Array,
  tolerance: number,
): Difference[] {
  let [count, most] = [0, 0]
  for (let i = 0; i < file.length; i++) {
    const difference = Math.abs(file[i]! - (stored[i] ?? Number.NaN))
    if (difference <= tolerance) continue
    count++
    most = Math.max(most, difference)
  }
  if (count === 0) return []
  return [{ part, problem: `${count} pixels differ, by up to ${most.toFixed(3)} ${unit}` }]
}

function structureDifferences(structure: PreparedStructure, row: StructureTable): Difference[] {
  return differing(`structure ${structure.name}`, [
    ['role', structure.role, row.role],
    ['volume in cc', structure.volumeCc, row.volume_cc],
    ['mean in Gy', structure.meanGy, row.mean_gy],
    ['maximum in Gy', structure.maxGy, row.max_gy],
    ['share with a known dose', structure.dosedShare, row.dosed_share],
    ['bin width of the DVH in Gy', structure.dvh?.binGy ?? null, row.dvh_bin_gy],
    ['DVH', listed(structure.dvh?.volume), listed(row.dvh)],
    ['digest of its masks', maskDigest(structure.masks), maskDigest(row.masks)],
  ])
}

/** Digest of the uncompressed masks, since versions of zlib compress the same mask differently. */
function maskDigest(masks: readonly (Uint8Array | null)[] | null): string | null {
  if (masks === null) return null
  const hash = createHash('sha256')
  for (const mask of masks) hash.update(mask === null ? '-' : inflateMask(mask))
  return hash.digest('hex')
}

function listed(values: ArrayLike<number> | null | undefined): string | null {
  return values ? Array.from(values, Math.fround).join() : null
}

/** Reports the values that differ; each is given as its name, the value of the files, and that of the database. */
function differing(
  part: string,
  values: readonly (readonly [string, string | number | null, string | number | null])[],
): Difference[] {
  return values
    .filter(([, file, stored]) => rounded(file) !== rounded(stored))
    .map(([name, file, stored]) => ({
      part,
      problem: `${name} is ${shortened(file)} in the files, ${shortened(stored)} in the database`,
    }))
}

/** Rounds a number to 4 bytes, as the database stores it. */
function rounded(value: string | number | null): string | number | null {
  return typeof value === 'number' ? Math.fround(value) : value
}

function shortened(value: string | number | null): string {
  const text = String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function namesOf(structures: readonly { name: string }[]): string {
  return structures
    .map(({ name }) => name)
    .sort()
    .join()
}
