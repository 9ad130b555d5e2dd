import type { Generated } from 'kysely'

import type { CreatedAt, JsonColumn, Vector } from './columns.js'
import type { FamilyKind } from '../../hash/kinds.js'

export interface FamilyTable {
  id: Generated<number>
  name: string
  kind: FamilyKind
  dims: number
  bits: number
  levels: number
  seed: number
  bandwidth: number | null
  center: Vector
  bucket_kind: 'bits' | 'qary' | 'voronoi'
  bucket_count: number
  calibration: JsonColumn<Calibration>
  version: number
  checksum: string
  /** Role that created it. */
  owner: Generated<string>
  /** Passed to functions that read the directions: it proves that their caller may read this row. */
  token: Generated<string>
  created_at: CreatedAt
}

/** Result of `lsh.calibrate`. Distances are null if all rows are equal. */
export interface Calibration {
  sampled: number
  radius: number | null
  mean_distance: number | null
  contrast: number | null
  bandwidth: number | null
  /** Share of differing bits that is expected at multiples of the radius. */
  curve: { distance: number; hamming: number }[] | null
  /** The kind chosen among those that were measured; absent for a family whose kind or bandwidth was given. */
  best_kind?: string | null
  /** For each measured kind, the Dice of the ten nearest neighbours, with codes ranked as in a search. */
  dice?: Record<string, number> | null
}

export interface ProjectionTable {
  family_id: number
  purpose: 'code' | 'bucket' | 'group' | 'image'
  ordinal: number
  parent: number | null
  weight: Vector
  phase: number | null
  threshold: number
}

export interface IndexTable {
  id: Generated<number>
  name: string
  /** Read as a qualified table name. */
  relation: string
  /** The code table, read as a qualified name. */
  codes: string
  key_column: string
  vector_column: string
  family_id: number
  maintain: 'trigger' | 'loader'
  state: 'building' | 'ready' | 'suspect'
  stage: 'buckets' | 'scan' | 'hnsw' | 'exact' | null
  ranking: 'hamming' | 'asymmetric' | 'estimate' | null
  probes: number
  candidates: number
  measured: Generated<number[] | null>
  settings: Generated<'measured' | 'given'>
  security: 'policies' | 'open'
  created_at: CreatedAt
}

/** `lsh.health`: a row for each index, for operators. */
export interface HealthView {
  index: string
  /** Name of the table with its schema; `null` if it was dropped. */
  relation: string | null
  state: 'building' | 'ready' | 'suspect'
  /** What keeps the index from being used or maintained. */
  problem: string | null
  hint: string | null
  /** Rows of the table, estimated from its statistics. */
  rows: string
  /** Rows of the code table, estimated in the same way. */
  codes: string
  /** Rows that the build of the index has yet to read. */
  behind: string | null
  code_bytes: string
  dead_share: number | null
  visible_share: number | null
  /** Codes in the bucket of a code, on average, divided by those of an even bucket: 1 if all buckets are equal. */
  skew: number | null
  checked_at: Date | null
  /** Recall@10 in the first measurement by `lsh.maintain`. */
  recall_first: number | null
  /** Recall@10 in the latest measurement. */
  recall: number | null
  /** How far the mean of the vectors has moved from the centre of the family, in mean distances of two rows. */
  drift: number | null
}

/** `lsh.sampled_recall`: results of `sampleRecall` and `lsh.sample_recall` by index, day and k. */
export interface SampledRecallView {
  index: string
  day: Date
  k: number
  searches: string
  recall: number
  /** Lowest recall of a search. */
  least: number
  /** Share of the searches that found all true neighbours. */
  complete: number
}
