import { sql } from 'kysely'
import type { Store } from '../store/connection/connect.js'

/** Distribution of the histograms of one structure over a cohort. */
export interface DvhBand {
  /** Number of plans. */
  readonly plans: number
  /** Whole Gy. */
  readonly doseGy: readonly number[]
  /** Volume in percent at each dose: minimum, quartiles and maximum. */
  readonly percentiles: readonly (readonly number[])[]
}

/** Most plans of a band, evenly chosen: more would move a quartile by less than the width of a line. */
const MOST = 400
const SHARES = [0, 0.25, 0.5, 0.75, 1]

/** The band of a structure over the plans of a data set, or of all data sets. */
export async function dvhBand(
  { db }: Store,
  structure: string,
  dataset: string | null,
): Promise<DvhBand> {
  const { rows } = await sql<{ bin: number; dvh: number[] }>`
    select structure.dvh_bin_gy as bin, structure.dvh
    from cbir.structure
      join cbir.plan on plan.id = structure.plan_id
      join cbir.patient on patient.id = plan.patient_id
    where structure.name = ${structure} and structure.dvh is not null
      and (${dataset}::text is null or patient.dataset = ${dataset})
    -- A choice that is the same each time, and of no order that plans were loaded in.
    order by md5(plan.id::text)
    limit ${MOST}`.execute(db)
  const most = Math.max(0, ...rows.map(({ bin, dvh }) => bin * (dvh.length - 1)))
  const doseGy = rows.length === 0 ? [] : Array.from({ length: Math.ceil(most) + 1 }, (_, gy) => gy)
  const at = doseGy.map((gy) =>
    rows.map(({ bin, dvh }) => 100 * volumeAt(dvh, gy / bin)).sort((a, b) => a - b),
  )
  return {
    plans: rows.length,
    doseGy,
    percentiles: SHARES.map((share) => at.map((sorted) => round(quantile(sorted, share)))),
  }
}

/** Fraction of a structure that gets so many bins of dose, interpolated linearly. */
function volumeAt(dvh: readonly number[], place: number): number {
  const below = Math.floor(place)
  const [low = 0, high = 0] = [dvh[below], dvh[below + 1]]
  return low + (place - below) * (high - low)
}

function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const [low = 0, high = low] = [sorted[below], sorted[below + 1]]
  return low + (place - below) * (high - low)
}

function round(value: number): number {
  return Math.round(100 * value) / 100
}
