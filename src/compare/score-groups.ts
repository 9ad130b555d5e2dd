import { LEVEL_GROUPS } from './level-groups.js'

export const SCORE_GROUPS = [...LEVEL_GROUPS, 'from_1_gy'] as const

/** Slices whose figures are told apart: a part of the body, or those that get at least 1 Gy somewhere. */
export type ScoreGroup = (typeof SCORE_GROUPS)[number]
