import { ownEntry } from '../core/own-entry.js'
import type { CodeDirections } from './code-directions.js'
import { drawQary, drawSign, type DirectionOptions } from './directions.js'
import { expectedCosineHamming, expectedHamming, hammingPlateau } from './expected-hamming.js'
import { drawCosine, drawKernel } from './kernel.js'

/** What sets a kind of hash family apart; `lsh_internal.estimates`, `.within_cells` and `.query_planes` say the same. */
interface Kind {
  /** Whether distances are estimated from its codes, for which a code table holds two reals a row. */
  readonly estimates: boolean
  /** Whether it is learned from its data rather than drawn. */
  readonly learned: boolean
  /**
   * Whether its codes describe vectors less the centres of their cells: they tell of distances by their estimate alone, and
   * not by the bits in which they differ.
   */
  readonly withinCells: boolean
  /** Bits of a margin of a query. */
  readonly planes: number
  /** gamma that the median distance to a neighbour and the mean distance of a sample ask for. (Default: it has none) */
  readonly bandwidth?: (radius: number | null, mean: number) => number | null
  /** Its directions, where they need no learning. */
  readonly draw?: (options: DirectionOptions) => CodeDirections
  /** Expected share of differing bits by bandwidth and distance, where there is a closed form. */
  readonly expected?: (bandwidth: number, distance: number) => number
  /** Share that it ends on, however far apart two vectors are. (Default: it has none) */
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
  // Levels of .67 standard deviations of a projection: four of them hold about a quarter of the rows each.
  qary: { ...DRAWN, bandwidth: (_, mean) => (mean > 0 ? (2.1 / mean) ** 2 : null), draw: drawQary },
  residual: { ...DRAWN, estimates: true, learned: true, withinCells: true, draw: drawSign },
  // A lowest bit weighs that much less than the highest of the leading axis.
  scalar: { ...DRAWN, estimates: true, learned: true, withinCells: true, planes: 12 },
}

/** All of them. */
export const FAMILY_KINDS = Object.keys(KINDS) as readonly FamilyKind[]

/** The kind of that name, where there is one. */
export function kindNamed(name: string): Kind | undefined {
  return ownEntry<Kind>(KINDS, name)
}
