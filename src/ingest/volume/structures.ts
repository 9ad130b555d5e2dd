import type { Structure } from '../../core/plan.js'

/** Prescribed dose in Gy of the target volumes; the number in the name is the prescription. */
export const targetGy: Readonly<Record<string, number>> = { PTV56: 56, PTV63: 63, PTV70: 70 }

/** Organs at risk that OpenKBP delineates. */
export const organNames = [
  'Brainstem',
  'Esophagus',
  'Larynx',
  'LeftParotid',
  'Mandible',
  'RightParotid',
  'SpinalCord',
] as const

/** All structure names, sorted. */
export const structureNames: readonly string[] = [...organNames, ...Object.keys(targetGy)].sort()

export function roleOf(structure: string): Structure['role'] {
  return structure in targetGy ? 'target' : 'organ'
}
