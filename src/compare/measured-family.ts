import { bulkEncoder, type BulkEncoder } from '../hash/bulk-encode.js'
import { calibrate } from '../hash/calibrate.js'
import type { HashFamily } from '../hash/family.js'
import { fitFamily } from '../hash/fit.js'
import { MOST_BITS } from '../hash/learn-scalar.js'
import { MOST_AXES } from '../hash/train-axes.js'
import { FAMILY_KINDS, KINDS, type FamilyKind } from '../hash/kinds.js'

/** Kinds that the evaluation fits itself: those whose codes are compared by Hamming distance. */
export type MeasuredKind = Exclude<FamilyKind, 'residual' | 'scalar'>

export const MEASURED_KINDS = FAMILY_KINDS.filter(
  (kind): kind is MeasuredKind => !KINDS[kind].withinCells,
)

/** A family whose codes are measured at one or several lengths; a shorter code is the first bits of the longest. */
export interface MeasuredFamily {
  /** Label of its figures: its kind. */
  readonly kind: string
  readonly family: HashFamily
  /** Ascending multiples of 32, or the length of the family. */
  readonly lengths: readonly number[]
  readonly encode: BulkEncoder
}

export interface FitFamiliesOptions {
  kinds: readonly FamilyKind[]
  /** Code lengths, ascending multiples of 32. */
  bits: readonly number[]
  seed: number
}

/** Rows whose distances give the bandwidth, as in `lsh.create_family`. */
export const CALIBRATED = 2000

/** Longest learned rotation: longer ones take minutes, as the work grows with the cube of the bits. */
export const LONGEST_ITQ = 128

/**
 * Fits families to a sample. The first bits of a drawn family are those of a shorter one with the same seed, so that
 * one family serves all lengths; learned families are fitted separately for each length.
 */
export function fitFamilies(
  sample: readonly Float32Array[],
  options: FitFamiliesOptions,
): MeasuredFamily[] {
  const { kinds, bits } = options
  const dims = sample[0]?.length ?? 0
  return kinds.flatMap((kind) => {
    if (kind !== 'itq' && kind !== 'scalar') return [fitted(sample, kind, bits, options)]
    const most =
      kind === 'itq' ? Math.min(dims, LONGEST_ITQ) : MOST_BITS * Math.min(dims, MOST_AXES)
    const possible = bits.filter((length) => length <= most)
    return possible.map((length) => fitted(sample, kind, [length], options))
  })
}

function fitted(
  sample: readonly Float32Array[],
  kind: FamilyKind,
  lengths: readonly number[],
  { seed }: FitFamiliesOptions,
): MeasuredFamily {
  const bits = Math.max(...lengths)
  const { bandwidth } = calibrate(sample.slice(0, CALIBRATED), 50, kind)
  const family = fitFamily(sample, {
    name: `${kind}_${bits}`,
    kind,
    bits,
    seed,
    // Buckets are measured separately.
    bucketBits: 0,
    buckets: 'directions',
    ...(bandwidth === null ? {} : { bandwidth }),
  })
  return measured(kind, family, lengths)
}

/** A family at its own length, labelled by its kind unless another name is given. */
export function measuredAsItIs(family: HashFamily, kind: string = family.kind): MeasuredFamily {
  return measured(kind, family, [family.bits])
}

function measured(kind: string, family: HashFamily, lengths: readonly number[]): MeasuredFamily {
  return { kind, family, lengths, encode: bulkEncoder(family) }
}
