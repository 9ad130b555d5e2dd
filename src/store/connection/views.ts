import type { Radiation, Split, Technique } from '../../core/plan.js'

/** `cbir.slices`: slices with plan and patient, without the images. */
export interface SlicesView {
  item_id: number
  dataset: string
  split: Split
  patient: string
  plan: string
  index: number
  position_mm: number
  /** `null`, as `dose_max_gy`, of a plan without dose. */
  dose_mean_gy: number | null
  dose_max_gy: number | null
  prescription_gy: number | null
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
  prescription_gy: number | null
  fractions: number | null
  radiation: Radiation | null
  technique: Technique | null
  /** Pseudonym. */
  machine: string | null
  /** Number of slices. */
  slices: number
  /** Of the target that gets the highest mean dose, without dose of the first by name. */
  target_volume_cc: number | null
  /** Names of those that have a volume, sorted. */
  structures: string[]
  /** Of any voxel; `null` of a plan without dose. */
  dose_max_gy: number | null
}

/** `cbir.pictures`: images and neurons outside plans, without their content. */
export interface PicturesView {
  item_id: number
  dataset: string
  kind: 'image' | 'neuron'
  split: Split
  /** Patient, tile or neuron that it shows; the key where nothing names one. */
  source: string
  key: string
  label: string | null
  attributes: Record<string, unknown>
}

/** `cbir.structures`: targets and organs with their dose, without the histograms. */
export interface StructuresView {
  plan_id: number
  patient: string
  plan: string
  name: string
  role: 'target' | 'organ'
  volume_cc: number | null
  /** `null`, as `max_gy`, where less than 99 % of the structure has a known dose. */
  mean_gy: number | null
  max_gy: number | null
  /** Where along the patient its centre of mass lies, as `position_mm` of a slice. */
  centre_mm: number | null
  /** Part of the structure that the dose covers. */
  dosed_share: number | null
}

/** `cbir.dvh`: cumulative dose-volume histograms, a row for each dose. */
export interface DvhView {
  plan_id: number
  structure: string
  dose_gy: number
  /** Fraction of the structure that gets at least `dose_gy`. */
  volume: number
}

/** `cbir.evaluation_figures`: how well codes alone find the true neighbours, in each run, with 95 % intervals. */
export interface EvaluationFiguresView {
  evaluation_id: number
  dataset: string
  space: string
  kind: string
  bits: number
  k: number
  /** Whether other slices of the query's own patient could be found. */
  same_patient: boolean
  queries: number
  patients: number
  dice: number
  dice_low: number
  dice_high: number
  jaccard: number
  jaccard_low: number
  jaccard_high: number
}

/** `cbir.evaluation_searches`: what the candidate stages of hash indexes cost and find, in each run. */
export interface EvaluationSearchesView {
  evaluation_id: number
  dataset: string
  space: string
  index: string
  stage: string
  /** Buckets visited; null for stages that visit none. */
  probes: number | null
  recall: number
  recall_low: number
  recall_high: number
  code_loss: number
  bucket_loss: number
  visited_share: number
  median_ms: number
  p95_ms: number
}

/** `cbir.evaluation_retrieval`: what spaces find across patients, in each run of `pg-lsh report`. */
export interface EvaluationRetrievalView {
  evaluation_id: number
  dataset: string
  /** `random` is a blind choice, `oracle` the best there is. */
  space: string
  level_error_mm: number | null
  level_error_low: number | null
  level_error_high: number | null
  dose_gap_gy: number | null
  dose_gap_low: number | null
  dose_gap_high: number | null
  dvh_gap_gy: number | null
  dvh_gap_low: number | null
  dvh_gap_high: number | null
}
