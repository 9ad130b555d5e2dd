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
  /** A value that proves to functions on directions that their caller may read this row. */
  token: Generated<string>
  created_at: CreatedAt
}

/** Result of `lsh.calibrate`; distances are null if all rows are equal. */
export interface Calibration {
  sampled: number
  radius: number | null
  mean_distance: number | null
  contrast: number | null
  bandwidth: number | null
  /** Share of differing bits that is expected at multiples of the radius. */
  curve: { distance: number; hamming: number }[] | null
  /** The kind that was chosen of those that were measured; of a family absent where its kind was named. */
  best_kind?: string | null
  /** Dice of the ten nearest by kind, as a search ranks codes. */
  dice?: Record<string, number> | null
}

export interface ProjectionTable {
  family_id: number
  purpose: 'code' | 'bucket' | 'group'
  ordinal: number
  parent: number | null
  weight: Vector
  phase: number | null
  threshold: number
  image: Vector | null
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
  /** By the statistics, of the table and of the code table. */
  rows: string
  codes: string
  /** Rows that are still to be read while it is being built. */
  behind: string | null
  code_bytes: string
  dead_share: number | null
  visible_share: number | null
  /** 1 is even. */
  skew: number | null
  checked_at: Date | null
  /** Recall@10 when `lsh.maintain` measured the index first and last. */
  recall_first: number | null
  recall: number | null
  /** In mean distances of two rows. */
  drift: number | null
}

/** `lsh.sampled_recall`: results of `sampleRecall` and `lsh.sample_recall` by index, day and k. */
export interface SampledRecallView {
  index: string
  day: Date
  k: number
  searches: string
  recall: number
  /** Lowest recall. */
  least: number
  /** Share of the searches that found all true neighbours. */
  complete: number
}
