import { alignLevels, type OrganCentres } from '../core/align-levels.js'

/** Parts of the body for which figures are told apart. */
export const LEVEL_GROUPS = ['head', 'neck', 'shoulders'] as const
export type LevelGroup = (typeof LEVEL_GROUPS)[number]

/** Shoulders begin where a body is so many times as wide as its neck where that is narrowest. */
const SHOULDERS = 1.5

/**
 * The part of the body that each slice of a plan belongs to, from the head on: above the middle of the mandible the head;
 * below it the neck until the body is half as wide again as at its narrowest. `levels` are mm towards the feet from the
 * middle of the mandible, NaN where that is not known; `widths` of the body, 0 where there is none.
 */
export function levelGroups(
  levels: ArrayLike<number>,
  widths: ArrayLike<number>,
): (LevelGroup | null)[] {
  const slices = Array.from({ length: levels.length }, (_, i) => i)
  const below = slices.filter((i) => levels[i]! >= 0 && widths[i]! > 0)
  const narrowest = below.reduce((a, b) => (widths[b]! < widths[a]! ? b : a), below[0] ?? 0)
  const shoulders = below.find(
    (i) => levels[i]! > levels[narrowest]! && widths[i]! >= SHOULDERS * widths[narrowest]!,
  )
  const from = shoulders === undefined ? Infinity : levels[shoulders]!
  return slices.map((i) => {
    const level = levels[i]!
    if (Number.isNaN(level)) return null
    if (level < 0) return 'head'
    return level < from ? 'neck' : 'shoulders'
  })
}

/**
 * Of each plan the `position_mm` of the middle of its mandible, or where it would lie by the plan's other organs; NaN where
 * no plan has a mandible, or this one no organs.
 */
export function mandibleLevels(
  centres: ReadonlyMap<number, OrganCentres>,
): ReadonlyMap<number, number> {
  const plans = [...centres]
  const origins = alignLevels(plans.map(([, organs]) => organs))
  const steps = plans
    .map(([, organs], i) => (organs.get(MANDIBLE) ?? NaN) - origins[i]!)
    .filter((mm) => !Number.isNaN(mm))
  const step = steps.reduce((a, b) => a + b, 0) / steps.length
  return new Map(
    plans.map(([plan, organs], i) => [plan, organs.get(MANDIBLE) ?? origins[i]! + step]),
  )
}

const MANDIBLE = 'Mandible'
