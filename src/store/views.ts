import type { Radiation, Split, Technique } from '../core/plan.js'

/** `cbir.slices`: slices with plan and patient, without the images. */
export interface SlicesView {
  item_id: number
  dataset: string
  split: Split
  patient: string
  plan: string
  index: number
  position_mm: number
  dose_mean_gy: number
  dose_max_gy: number
  prescription_gy: number
  plan_id: number
}

/** `cbir.plans`: plans with their patient and what they are chosen by. */
export interface PlansView {
  plan_id: number
  dataset: string
  split: Split
  patient: string
  plan: string
  site: string | null
  prescription_gy: number
  fractions: number | null
  radiation: Radiation | null
  technique: Technique | null
  /** Pseudonym. */
  machine: string | null
  /** Number of slices. */
  slices: number
  /** Of the target that gets the highest mean dose. */
  target_volume_cc: number | null
  /** Names of those that have a volume, sorted. */
  structures: string[]
}

/** `cbir.structures`: targets and organs with their dose, without the histograms. */
export interface StructuresView {
  plan_id: number
  patient: string
  plan: string
  name: string
  role: 'target' | 'organ'
  volume_cc: number
  mean_gy: number
  max_gy: number
}

/** `cbir.dvh`: cumulative dose-volume histograms, a row for each dose. */
export interface DvhView {
  plan_id: number
  structure: string
  dose_gy: number
  /** Fraction of the structure that gets at least `dose_gy`. */
  volume: number
}
