import { LEVEL_GROUPS } from './level-groups.js'

export const SCORE_GROUPS = [...LEVEL_GROUPS, 'from_1_gy'] as const

/** Slices with separate figures: a part of the body, or slices that get at least 1 Gy somewhere. */
export type ScoreGroup = (typeof SCORE_GROUPS)[number]
