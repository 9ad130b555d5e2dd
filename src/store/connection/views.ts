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
  /** `null`, like `dose_max_gy`, for a plan without dose. */
  dose_mean_gy: number | null
  dose_max_gy: number | null
  prescription_gy: number | null
  plan_id: number
}

/** `cbir.plans`: plans with their patient and the properties by which users select them. */
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
  /** Volume of the target with the highest mean dose, or of the first target by name in a plan without dose. */
  target_volume_cc: number | null
  /** Names of the structures that have a volume, sorted. */
  structures: string[]
  /** Highest dose of a voxel; `null` for a plan without dose. */
  dose_max_gy: number | null
}

/** `cbir.pictures`: images and neurons outside plans, without their content. */
export interface PicturesView {
  item_id: number
  dataset: string
  kind: 'image' | 'neuron'
  split: Split
  /** Patient, tile or neuron that it shows; the key if nothing names one. */
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
  /** `null`, like `max_gy`, if the dose is known for less than 99 % of the structure. */
  mean_gy: number | null
  max_gy: number | null
  /** Position of its centre of mass along the patient, as `position_mm` of a slice. */
  centre_mm: number | null
  /** Share of the structure that the dose covers. */
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
  /** Whether the search included other slices of the query's patient. */
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

/** `cbir.evaluation_searches`: cost and recall of the candidate stages of hash indexes, for each run. */
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

/** `cbir.evaluation_retrieval`: retrieval across patients, for each run of `pg-lsh report`. */
export interface EvaluationRetrievalView {
  evaluation_id: number
  dataset: string
  /** A space, `random` for a random choice, or `oracle` for the best possible one. */
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
