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
  readonly figures: (run: EvaluationRun) => readonly Figure[]
  /** Volumes after the figures. (Default: none) */
  readonly volumes?: (run: EvaluationRun) => readonly TurningVolumes[]
}

const perSpace =
  (
    draw: (
      space: SpaceEvaluation,
      settings: EvaluationSettings,
    ) => Figure | readonly Figure[] | null,
  ) =>
  ({ evaluation: { spaces, settings } }: EvaluationRun): Figure[] =>
    spaces.flatMap((space) => draw(space, settings) ?? [])

/** The sections of the evaluation, in the order of their numbers. */
export const SECTIONS: readonly Section[] = [
  {
    key: 'encoders',
    heading: 'What the encoders keep of an image',
    guide:
      'An encoder turns a slice into a short list of numbers, its features, by which slices are compared. What its decoder can draw again from these numbers alone shows what they hold.',
    figures: ({ reconstructions }) => reconstructions.map(figureReconstruction),
    volumes: ({ volumes }) => volumes,
  },
  {
    key: 'hamming',
    heading: 'Hamming distance against true distance',
    guide:
      'A code is a row of bits made of the features; the Hamming distance counts the bits in which two codes differ. It can stand for the true distance only where it grows with it.',
    figures: perSpace((space) => [
      figureHamming(space),
      ...[figureTraining(space)].filter((figure) => figure !== null),
    ]),
  },
  {
    key: 'found',
    heading: 'What is found',
    guide:
      'Slices of other patients that are nearest to a query, with the isodose lines of their plans in percent of the prescribed dose.',
    figures: ({ retrievals }) => retrievals.map(figureRetrieval),
  },
  {
    key: 'bits',
    heading: 'Agreement with the true neighbours against the number of bits',
    guide: (numberOf) =>
      `How well the codes alone, without any exact distance, find the slices that are truly nearest. A search puts the best codes in order by true distance afterwards and finds more: see section ${numberOf('search')}.`,
    figures: perSpace((space, settings) => [
      figureBits(space, settings),
      ...[figureRanked(space, settings)].filter((figure) => figure !== null),
      figureSamePatient(space, settings),
    ]),
  },
  {
    key: 'retrieved',
    heading: 'Agreement against the number of retrieved images',
    guide: 'The same agreement when more or fewer slices are retrieved.',
    figures: perSpace(figureRetrieved),
  },
  {
    key: 'search',
    heading: 'Recall against time',
    guide:
      'What the whole search finds and how long it takes, by where it takes its candidates from: some buckets, all codes, a graph over the codes, or no codes at all.',
    figures: perSpace(figureSearch),
  },
  {
    key: 'across',
    heading: 'Retrieval across patients',
    guide:
      'A plan is useful as an example only if patients that look alike were also planned alike: how different are the doses of the plans that are found?',
    figures: (run) => [
      ...[
        figurePredictions(run.evaluation.across_patients),
        figureAcross(run.evaluation.across_patients),
      ].filter((figure) => figure !== null),
      ...perSpace(figurePlans)(run),
    ],
  },
  {
    key: 'codes',
    heading: 'Health of the codes',
    guide:
      'Bits that are nearly always the same, or that repeat each other, cost room and say little; buckets of very different size make the time of a search uneven.',
    figures: perSpace(figureCodes),
  },
]

/** Number of a section. */
export function sectionNumber(key: SectionKey): number {
  return SECTIONS.findIndex((section) => section.key === key) + 1
}
