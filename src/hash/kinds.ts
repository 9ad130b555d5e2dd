import { ownEntry } from '../core/own-entry.js'
import type { CodeDirections } from './code-directions.js'
import { drawQary, drawSign, type DirectionOptions } from './directions.js'
import { expectedCosineHamming, expectedHamming, hammingPlateau } from './expected-hamming.js'
import { drawCosine, drawKernel } from './kernel.js'

/** Properties of a kind of hash family; the same as `lsh_internal.estimates`, `.within_cells` and `.query_planes`. */
interface Kind {
  /** Whether distances are estimated from codes, for which a code table stores two reals per row. */
  readonly estimates: boolean
  /** Whether the family is learned from its data rather than drawn. */
  readonly learned: boolean
  /**
   * Whether codes describe vectors less the centres of their cells. Such codes give distances only through their
   * estimate, not through the number of differing bits.
   */
  readonly withinCells: boolean
  /** Bits to which the margins of a query are quantised. */
  readonly planes: number
  /** gamma for a median distance to a neighbour and a mean distance in a sample. (Default: the kind has none) */
  readonly bandwidth?: (radius: number | null, mean: number) => number | null
  /** Draws its directions. (Default: they are learned) */
  readonly draw?: (options: DirectionOptions) => CodeDirections
  /** Expected share of differing bits by bandwidth and distance. (Default: there is no closed form) */
  readonly expected?: (bandwidth: number, distance: number) => number
  /** Limit of the expected share as the distance grows. (Default: there is none) */
  readonly plateau?: number
}

const DRAWN = { estimates: false, learned: false, withinCells: false, planes: 3 }
const byRadius = (radius: number | null) => (radius === null ? null : (0.75 / radius) ** 2)

/** Kinds of hash families; see `lsh.family.kind`. */
export type FamilyKind = 'kernel' | 'cosine' | 'sign' | 'itq' | 'qary' | 'residual' | 'scalar'

/** The kinds by their names. */
export const KINDS: Readonly<Record<FamilyKind, Kind>> = {
  kernel: {
    ...DRAWN,
    bandwidth: byRadius,
    draw: drawKernel,
    expected: expectedHamming,
    plateau: hammingPlateau,
  },
  cosine: {
    ...DRAWN,
    bandwidth: byRadius,
    draw: drawCosine,
    expected: expectedCosineHamming,
    plateau: 0.5,
  },
  sign: { ...DRAWN, estimates: true, draw: drawSign },
  itq: { ...DRAWN, estimates: true, learned: true },
  // Levels of .67 standard deviations of a projection: each of four levels holds about a quarter of
  // the rows.
  qary: { ...DRAWN, bandwidth: (_, mean) => (mean > 0 ? (2.1 / mean) ** 2 : null), draw: drawQary },
  residual: { ...DRAWN, estimates: true, learned: true, withinCells: true, draw: drawSign },
  // The lowest bit weighs that much less than the highest bit of the leading axis.
  scalar: { ...DRAWN, estimates: true, learned: true, withinCells: true, planes: 12 },
}

/** All kinds. */
export const FAMILY_KINDS = Object.keys(KINDS) as readonly FamilyKind[]

/** The kind of that name; undefined if there is none. */
export function kindNamed(name: string): Kind | undefined {
  return ownEntry<Kind>(KINDS, name)
}

/** Ways to rank the codes of a kind, as `lsh_internal.ranking` accepts them. */
export const RANKINGS = ['hamming', 'asymmetric', 'estimate'] as const

/** One of them. */
export type Ranking = (typeof RANKINGS)[number]

/**
 * The rankings that codes of a kind support. Codes within cells are comparable by their estimates only, those of kind
 * residual also by estimates from the margins of the query.
 */
export function rankingsOf(kind: FamilyKind): Ranking[] {
  const { withinCells, estimates } = KINDS[kind]
  if (withinCells) return kind === 'residual' ? ['asymmetric', 'estimate'] : ['estimate']
  return RANKINGS.filter((ranking) => estimates || ranking !== 'estimate')
}
