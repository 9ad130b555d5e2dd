import type { Generated, Kysely, Transaction } from 'kysely'
import type { Pooling } from '../../core/pool-slices.js'
import type { Radiation, Split, Technique } from '../../core/plan.js'
import type { CreatedAt, JsonColumn, Vector } from './columns.js'
import type {
  FamilyTable,
  HealthView,
  IndexTable,
  ProjectionTable,
  SampledRecallView,
} from './lsh-tables.js'
import type {
  DvhView,
  EvaluationFiguresView,
  EvaluationRetrievalView,
  EvaluationSearchesView,
  PicturesView,
  PlansView,
  SlicesView,
  StructuresView,
} from './views.js'

/** A database, or a transaction in one. */
export type Queryable<DB> = Kysely<DB> | Transaction<DB>

/** The table of a space of D dimensions: `openDatabase<{ 'space.ct_shallow': Features<256> }>(…)`. */
export interface Features<D extends number = number> {
  item_id: number
  embedding: Vector<D>
}

export interface PatientTable {
  id: Generated<number>
  dataset: string
  pseudonym: string
  split: Split
}

export interface PlanTable {
  id: Generated<number>
  patient_id: number
  source_key: string
  checksum: string
  fingerprint: string | null
  site: string | null
  prescription_gy: number | null
  fractions: number | null
  radiation: Radiation | null
  technique: Technique | null
  machine: string | null
  voxel_mm: number[]
  loaded_at: CreatedAt
}

export interface ItemTable {
  id: Generated<number>
  dataset: string
  kind: 'slice' | 'plan' | 'image' | 'neuron'
  source_key: string
  label: string | null
  attributes: JsonColumn<Record<string, unknown>>
  preview: Buffer
}

export interface PlanItemTable {
  item_id: number
  plan_id: number
}

export interface SliceTable {
  item_id: number
  plan_id: number
  index: number
  position_mm: number
  rows: number
  columns: number
  dose_mean_gy: number | null
  dose_max_gy: number | null
  ct: Buffer
  dose: Buffer | null
  dose_unit_gy: number | null
}

export interface PictureTable {
  item_id: number
  patient_id: number
  checksum: string
  fingerprint: string
  shape: number[]
  content: Buffer
}

export interface StructureTable {
  plan_id: number
  name: string
  role: 'target' | 'organ'
  volume_cc: number | null
  mean_gy: number | null
  max_gy: number | null
  dvh_bin_gy: number | null
  dvh: number[] | null
  dosed_share: number | null
  areas_cm2: number[]
  masks: (Buffer | null)[] | null
}

export interface EncoderTable {
  id: Generated<number>
  name: string
  dataset: string
  architecture: string
  dims: number
  preprocessing: JsonColumn<unknown>
  topology: JsonColumn<unknown>
  weights: Buffer
  history: JsonColumn<unknown>
  training: JsonColumn<unknown>
  trained_on: number[]
  checksum: string
  created_at: CreatedAt
}

/** A part of a joint space: its vectors are divided by `scale`, then multiplied by `weight`. */
export interface SpacePart {
  readonly space: string
  /** Median distance of pairs in the part's own space. */
  readonly scale: number
  readonly weight: number
}

export interface SpaceTable {
  name: string
  dims: number
  encoder_id: number | null
  parts: JsonColumn<SpacePart[] | null>
  pooling: JsonColumn<Pooling | null>
  created_at: CreatedAt
}

export interface EvaluationTable {
  id: Generated<number>
  dataset: string
  seed: number
  versions: JsonColumn<Record<string, string>>
  settings: JsonColumn<unknown>
  spaces: JsonColumn<unknown>
  across_patients: JsonColumn<unknown>
  seconds: number
  created_at: CreatedAt
}

/** The tables and views of the two schemas, by their qualified names. */
export interface Database {
  'lsh.family': FamilyTable
  'lsh.projection': ProjectionTable
  'lsh.index': IndexTable
  'lsh.health': HealthView
  'lsh.sampled_recall': SampledRecallView
  'cbir.patient': PatientTable
  'cbir.plan': PlanTable
  'cbir.item': ItemTable
  'cbir.slice': SliceTable
  'cbir.plan_item': PlanItemTable
  'cbir.picture': PictureTable
  'cbir.structure': StructureTable
  'cbir.encoder': EncoderTable
  'cbir.space': SpaceTable
  'cbir.evaluation': EvaluationTable
  'cbir.evaluation_figures': EvaluationFiguresView
  'cbir.evaluation_retrieval': EvaluationRetrievalView
  'cbir.evaluation_searches': EvaluationSearchesView
  'cbir.slices': SlicesView
  'cbir.plans': PlansView
  'cbir.pictures': PicturesView
  'cbir.structures': StructuresView
  'cbir.dvh': DvhView
}
