import type { EvaluationSettings, SpaceEvaluation } from '../../compare/evaluation.js'
import type { StoredEvaluation } from '../../compare/stored-evaluations.js'
import type { Figure } from './figure.js'
import { figureAcross } from './figure-across.js'
import { figureBits } from './figure-bits.js'
import { figureCodes } from './figure-codes.js'
import { figureHamming } from './figure-hamming.js'
import { figurePlans } from './figure-plans.js'
import { figurePredictions } from './figure-predictions.js'
import { figureRanked } from './figure-ranked.js'
import { figureRetrieval, type RetrievalFigure } from './figure-retrieval.js'
import { figureRetrieved } from './figure-retrieved.js'
import { figureSamePatient } from './figure-same-patient.js'
import { figureSearch } from './figure-search.js'
import { figureTraining } from './figure-training.js'
import { figureReconstruction, type ReconstructionFigure } from './reconstruction.js'
import type { TurningVolumes } from '../panels/turning-volume.js'

/** A run with its pictures. */
export interface EvaluationRun {
  readonly evaluation: StoredEvaluation
  readonly reconstructions: readonly ReconstructionFigure[]
  readonly retrievals: readonly RetrievalFigure[]
  /** A whole plan and its reconstruction, as volumes that can be rotated. */
  readonly volumes: readonly TurningVolumes[]
  /** Pictures that could not be drawn, with the reasons. */
  readonly notes: readonly string[]
}

export type SectionKey =
  'encoders' | 'hamming' | 'found' | 'bits' | 'retrieved' | 'search' | 'across' | 'codes'

/** A question that the page answers. */
export interface Section {
  /** Name by which other sections refer to it. */
  readonly key: SectionKey
  readonly heading: string
  /** Explanation of the figures; `numberOf` returns the number of another section. */
  readonly guide: string | ((numberOf: (key: SectionKey) => number) => string)
  /** Figures in their order; null for what a run did not measure. */
  readonly figures: (run: EvaluationRun) => readonly (Figure | null)[]
  /** Volumes after the figures. (Default: none) */
  readonly volumes?: (run: EvaluationRun) => readonly TurningVolumes[]
}

const perSpace =
  (
    draw: (
      space: SpaceEvaluation,
      settings: EvaluationSettings,
    ) => Figure | null | readonly (Figure | null)[],
  ) =>
  ({ evaluation: { spaces, settings } }: EvaluationRun) =>
    spaces.flatMap((space) => draw(space, settings))

/** The sections of the evaluation, in the order of their numbers. */
export const SECTIONS: readonly Section[] = [
  {
    key: 'encoders',
    heading: 'Reconstructions by the encoders',
    guide:
      'An encoder turns a slice into a short list of numbers, its features, by which slices are compared. The image that its decoder reconstructs from these numbers alone shows what information they hold.',
    figures: ({ reconstructions }) => reconstructions.map(figureReconstruction),
    volumes: ({ volumes }) => volumes,
  },
  {
    key: 'hamming',
    heading: 'Hamming distance against true distance',
    guide:
      'A code is a sequence of bits computed from the features; the Hamming distance is the number of bits in which two codes differ. It can only replace the true distance where it grows with it.',
    figures: perSpace((space) => [figureHamming(space), figureTraining(space)]),
  },
  {
    key: 'found',
    heading: 'Retrieved slices',
    guide:
      'The slices of other patients that are nearest to a query, with the isodose lines of their plans in percent of the prescribed dose.',
    figures: ({ retrievals }) => retrievals.map(figureRetrieval),
  },
  {
    key: 'bits',
    heading: 'Agreement with the true neighbours by number of bits',
    guide: (numberOf) =>
      `Share of the true neighbours that the codes alone find, without exact distances. A search then re-ranks the best codes by true distance and finds more: see section ${numberOf('search')}.`,
    figures: perSpace((space, settings) => [
      figureBits(space, settings),
      figureRanked(space, settings),
      figureSamePatient(space, settings),
    ]),
  },
  {
    key: 'retrieved',
    heading: 'Agreement by number of retrieved images',
    guide: 'The same agreement for different numbers of retrieved slices.',
    figures: perSpace(figureRetrieved),
  },
  {
    key: 'search',
    heading: 'Recall against time',
    guide:
      'Recall and time of the whole search, by its source of candidates: some buckets, all codes, a graph over the codes, or no codes at all.',
    figures: perSpace(figureSearch),
  },
  {
    key: 'across',
    heading: 'Retrieval across patients',
    guide:
      'A plan is a useful example only if patients with similar anatomy also have similar plans: how different are the doses of the plans that are found?',
    figures: (run) => [
      figurePredictions(run.evaluation.across_patients),
      figureAcross(run.evaluation.across_patients),
      ...perSpace(figurePlans)(run),
    ],
  },
  {
    key: 'codes',
    heading: 'Code health',
    guide:
      'Bits that are nearly constant or redundant take space and carry little information; buckets of very different sizes make the time of searches uneven.',
    figures: perSpace(figureCodes),
  },
]

/** Number of a section. */
export function sectionNumber(key: SectionKey): number {
  return SECTIONS.findIndex((section) => section.key === key) + 1
}
