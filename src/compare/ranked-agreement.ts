import type { FamilyKind } from '../hash/kinds.js'
import { agreementAt } from './agreement.js'
import type { KeyedRows } from './block-distances.js'
import { bootstrapMean, type Estimate } from './bootstrap.js'
import { IDEAL } from './measure-families.js'
import { fitFamilies, measuredAsItIs, type MeasuredFamily } from './measured-family.js'
import type { BothLists } from './neighbours.js'
import type { NearestLists } from './nearest-lists.js'
import { rankedFinder } from './ranked-neighbours.js'
import { gaussianOf, idealFinder } from './rate-distortion.js'

/** Agreement of codes with the true neighbours, ranked as a search ranks codes without reading vectors. */
export interface RankedAgreement {
  /** Kind of the codes, or `rate_distortion` for the limit of any code of Gaussian data. */
  readonly kind: string
  readonly bits: number
  readonly dice: Estimate
}

/** From random kernel features to the kinds that searches use. */
const KINDS: readonly FamilyKind[] = ['kernel', 'sign', 'residual', 'scalar']
/** Longest codes to rank; longer ones take minutes. */
const LONGEST = 1024
/** Most dimensions of a Gaussian, whose principal axes take minutes beyond that. */
const MOST_DIMS = 1024

export interface RankedOptions {
  settings: { readonly k: number; readonly bits: readonly number[]; readonly resamples: number }
  seed: number
  /** Patients that are searched. */
  searched: ReadonlySet<number>
}

/** Ranks all codes for each query: call `visit` for each block, then read `agreement`. */
export function rankedAgreement(
  sample: readonly Float32Array[],
  queries: KeyedRows,
  { settings, seed, searched }: RankedOptions,
) {
  const { k } = settings
  const bits = settings.bits.filter((length) => length >= 64 && length <= LONGEST)
  // A separate family for each length: the stored reals of a long code do not rank its first bits.
  const families = bits.flatMap((length) =>
    fitFamilies(sample, { kinds: KINDS, bits: [length], seed }).map(
      ({ kind, family }): MeasuredFamily => measuredAsItIs(family, kind),
    ),
  )
  const ranked = rankedFinder(queries, { k, families })
  const dims = sample[0]?.length ?? 0
  const ideal =
    dims <= MOST_DIMS ? idealFinder(queries, gaussianOf(sample), { k, bits, seed }) : null
  const visit = (block: KeyedRows): void => {
    const own = only(block, searched)
    if (own.items.length === 0) return
    ranked.visit(own)
    ideal?.visit(own)
  }
  const agreement = (exact: BothLists): RankedAgreement[] => {
    const measured = (kind: string, length: number, lists: NearestLists): RankedAgreement => ({
      kind,
      bits: length,
      dice: bootstrapMean(agreementAt(exact.others, lists, k).dice, queries.patients, {
        seed,
        resamples: settings.resamples,
      }),
    })
    return [
      ...ranked.found.map(({ kind, bits: length, lists }) => measured(kind, length, lists)),
      ...(ideal?.found ?? []).map(({ bits: length, lists }) => measured(IDEAL, length, lists)),
    ]
  }
  return { visit, agreement }
}

/** The rows of some patients. */
function only(block: KeyedRows, searched: ReadonlySet<number>): KeyedRows {
  const rows = Int32Array.from(block.items.keys()).filter((row) =>
    searched.has(block.patients[row]!),
  )
  const dims = block.vectors.length / Math.max(1, block.items.length)
  const vectors = new Float32Array(rows.length * dims)
  rows.forEach((row, i) => {
    vectors.set(block.vectors.subarray(row * dims, (row + 1) * dims), i * dims)
  })
  return {
    items: rows.map((row) => block.items[row]!),
    patients: rows.map((row) => block.patients[row]!),
    vectors,
  }
}
