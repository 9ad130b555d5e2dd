import type { ReconstructionQuality } from '../encode/trained/reconstruction-quality.js'
import type { Nearness } from '../search/neighbour.js'
import type { AcrossPatients } from './across-patients.js'
import type { Estimate } from './bootstrap.js'
import type { BucketSizes, CodeHealth } from './code-health.js'
import type { HammingCurve } from './hamming-curve.js'
import type { PlanEvaluation } from './evaluate-plans.js'
import type { TrainedKernel } from './measure-training.js'
import type { RankedAgreement } from './ranked-agreement.js'
import type { StageCost } from './search-cost.js'

/** Everything that one run measured: what a page is drawn from, and what `cbir.evaluation` keeps. */
export interface Evaluation {
  readonly dataset: string
  readonly seed: number
  /** Of pg-lsh, Node.js, PostgreSQL, pgvector and the numerical back end. */
  readonly versions: Readonly<Record<string, string>>
  readonly settings: EvaluationSettings
  readonly spaces: readonly SpaceEvaluation[]
  readonly across_patients: AcrossPatients
  readonly seconds: number
}

export interface EvaluationSettings {
  readonly queries: number
  /** Queries of the figure over the number of retrieved images. */
  readonly curve_queries: number
  readonly bits: readonly number[]
  readonly kinds: readonly string[]
  /** Neighbours of the figures over the number of bits. */
  readonly k: number
  readonly most_retrieved: number
  /** Rows that families are fitted to, and that code health and Hamming curves are measured on, at most. */
  readonly sample: number
  readonly tie_rule: string
  readonly resamples: number
}

/** What was measured in one space. */
export interface SpaceEvaluation {
  readonly space: string
  readonly dims: number
  readonly items: number
  readonly patients: number
  readonly encoders: readonly EncoderFacts[]
  readonly families: readonly FamilyFacts[]
  /** Median distance to the 50th neighbour, mean distance of pairs, and their ratio. */
  readonly radius: number | null
  readonly mean_distance: number | null
  /** Slices that were searched with, and their patients. */
  readonly queries: readonly number[]
  readonly query_patients: readonly number[]
  readonly agreement: readonly Agreement[]
  /** As a search ranks codes; absent in runs that did not measure it. */
  readonly ranked?: readonly RankedAgreement[]
  /** Null for too few rows; absent in runs that did not train. */
  readonly training?: TrainedKernel | null
  readonly curves: readonly HammingCurve[]
  readonly health: readonly CodeHealth[]
  readonly buckets: readonly BucketSizes[]
  readonly retrieved: readonly RetrievedQuery[]
  /** Empty where the space has no hash index. */
  readonly search: readonly StageCost[]
  /** Null where the space has no hash index, by which plans are compared. */
  readonly plans: PlanEvaluation | null
  /** On all slices of patients not trained on, not on the queries alone; null for a space that joins others. */
  readonly reconstruction: ReconstructionQuality | null
}

export interface EncoderFacts {
  readonly name: string
  readonly architecture: string
  readonly checksum: string
  readonly trained_on: number
}

export interface FamilyFacts {
  readonly kind: string
  readonly bits: number
  readonly levels: number
  readonly seed: number
  readonly bandwidth: number | null
  readonly checksum: string
  readonly lengths: readonly number[]
}

/** How well codes alone find the true neighbours: means over the queries, intervals over their patients. */
export interface Agreement {
  readonly kind: string
  readonly bits: number
  readonly k: number
  /** Whether other slices of the query's own patient could be found. */
  readonly same_patient: boolean
  readonly queries: number
  readonly patients: number
  readonly dice: Estimate
  readonly jaccard: Estimate
  /** True neighbours found by each query, where a figure shows how they are spread; out of `sizes`. */
  readonly overlaps: readonly number[] | null
  readonly sizes: readonly number[] | null
}

/** A query with what was found for it, for the pictures. */
export interface RetrievedQuery {
  readonly item: number
  readonly kind: string
  readonly bits: number
  readonly rankings: readonly Ranking[]
  /** The same of the nearest slice of each patient alone; hits are as near as the last of the true ones of those. */
  readonly per_patient: readonly Ranking[]
}

/** How near a neighbour of a picture is, and whether it is one of the true neighbours. */
export interface JudgedNeighbour extends Nearness {
  hit: boolean
}

/** A neighbour of the report, by its item. */
export interface ShownNeighbour extends JudgedNeighbour {
  item: number
}

/** The first rows of one way to rank; a miss is not as near as the last of the true ones. */
export interface Ranking {
  readonly by: 'hamming' | 'reranked' | 'exact'
  readonly found: readonly ShownNeighbour[]
}
