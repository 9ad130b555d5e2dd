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

/** All measurements of one run: the content of `cbir.evaluation`, from which a page is drawn. */
export interface Evaluation {
  readonly dataset: string
  readonly seed: number
  /** Versions of pg-lsh, Node.js, PostgreSQL, pgvector and the numerical back end. */
  readonly versions: Readonly<Record<string, string>>
  readonly settings: EvaluationSettings
  readonly spaces: readonly SpaceEvaluation[]
  readonly across_patients: AcrossPatients
  readonly seconds: number
}

export interface EvaluationSettings {
  readonly queries: number
  /** Number of queries of the figure over the number of retrieved images. */
  readonly curve_queries: number
  readonly bits: readonly number[]
  readonly kinds: readonly string[]
  /** Number of neighbours in the figures over the number of bits. */
  readonly k: number
  readonly most_retrieved: number
  /** Most rows to which families are fitted and on which code health and Hamming curves are measured. */
  readonly sample: number
  readonly tie_rule: string
  readonly resamples: number
}

/** Measurements of one space. */
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
  /** Query slices and their patients. */
  readonly queries: readonly number[]
  readonly query_patients: readonly number[]
  readonly agreement: readonly Agreement[]
  /** Agreement as a search ranks codes; absent in older runs. */
  readonly ranked?: readonly RankedAgreement[]
  /** Null if there are too few rows; absent in runs without training. */
  readonly training?: TrainedKernel | null
  readonly curves: readonly HammingCurve[]
  readonly health: readonly CodeHealth[]
  readonly buckets: readonly BucketSizes[]
  readonly retrieved: readonly RetrievedQuery[]
  /** Empty if the space has no hash index. */
  readonly search: readonly StageCost[]
  /** Null if the space has no hash index, which the comparison of plans needs. */
  readonly plans: PlanEvaluation | null
  /** On all slices of held-out patients, not only the queries; null for a space that joins others. */
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

/** Share of the true neighbours that codes alone find: means over the queries, intervals over their patients. */
export interface Agreement {
  readonly kind: string
  readonly bits: number
  readonly k: number
  /** Whether other slices of the query's own patient are searched. */
  readonly same_patient: boolean
  readonly queries: number
  readonly patients: number
  readonly dice: Estimate
  readonly jaccard: Estimate
  /** Number of true neighbours that each query found, out of `sizes`; null unless a figure shows their distribution. */
  readonly overlaps: readonly number[] | null
  readonly sizes: readonly number[] | null
}

/** A query with its results, for the pictures. */
export interface RetrievedQuery {
  readonly item: number
  readonly kind: string
  readonly bits: number
  readonly rankings: readonly Ranking[]
  /** As `rankings`, with only the nearest slice of each patient; hits are as near as the last true one. */
  readonly per_patient: readonly Ranking[]
}

/** Distance of a neighbour in a picture, and whether it is a true neighbour. */
export interface JudgedNeighbour extends Nearness {
  hit: boolean
}

/** A neighbour in the report, identified by its item. */
export interface ShownNeighbour extends JudgedNeighbour {
  item: number
}

/** The first rows of one ranking; a row that is farther than the last true neighbour is a miss. */
export interface Ranking {
  readonly by: 'hamming' | 'reranked' | 'exact'
  readonly found: readonly ShownNeighbour[]
}
