import { alignLevels, type OrganCentres } from '../core/align-levels.js'

/** Parts of the body for which separate figures are computed. */
export const LEVEL_GROUPS = ['head', 'neck', 'shoulders'] as const
export type LevelGroup = (typeof LEVEL_GROUPS)[number]

/** The shoulders begin where the body is this many times as wide as at the narrowest point of the neck. */
const SHOULDERS = 1.5

/**
 * The part of the body of each slice of a plan, ordered from the head: the head above the middle of the mandible, then
 * the neck until the body is 1.5 times as wide as at its narrowest, then the shoulders.
 *
 * @param levels mm from the middle of the mandible towards the feet, NaN if unknown
 * @param widths widths of the body, 0 for slices without a body
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
 * For each plan, the `position_mm` of the middle of its mandible, estimated from other organs if it has none. NaN if no
 * plan has a mandible, or the plan has no organs.
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
