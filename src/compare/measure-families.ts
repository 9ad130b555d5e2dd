import { trainFamily } from '../hash/train-family.js'
import type { TrainMethod } from '../hash/train-options.js'
import { agreementAt } from './agreement.js'
import type { KeyedRows } from './block-distances.js'
import { fitFamilies, measuredAsItIs, type MeasuredFamily } from './measured-family.js'
import { neighbourFinder } from './neighbours.js'
import { rankedFinder } from './ranked-neighbours.js'
import { gaussianOf, idealFinder } from './rate-distortion.js'
import { KINDS, type FamilyKind } from '../hash/kinds.js'

/** Dice with the k nearest by exact distance, by kind and bits. */
export type DiceByKind = Record<string, Record<number, number>>

/** Figures of one seed. */
export interface MeasuredFamilies {
  /** Ranked by Hamming distance alone. */
  readonly plain: DiceByKind
  /** Ranked as a search does by default: by margins, or by the estimated distance. */
  readonly ranked: DiceByKind
}

/** The vectors that families are fitted to and measured on. */
export interface FamilyData {
  /** Rows to fit to, in random order, and their patients; null if rows belong to no patients. */
  readonly sample: readonly Float32Array[]
  readonly owners: Int32Array | null
  readonly queries: KeyedRows
  /** Rows that are searched. */
  readonly rows: KeyedRows
}

export interface MeasureFamiliesOptions {
  /** Code lengths, ascending multiples of 32. */
  bits: readonly number[]
  kinds: readonly FamilyKind[]
  methods: readonly TrainMethod[]
  seed: number
  k: number
  /** Called with a description of each step. (Default: none) */
  onStep?: (step: string) => void
  /** Stops between two steps. (Default: none) */
  signal?: AbortSignal
}

/**
 * Name of the Gaussian rate-distortion estimate, the limit of any code; it is ranked by distance, since it has no bits
 * to compare.
 */
export const IDEAL = 'rate_distortion'

/** Rows that are compared at once. */
const BLOCK = 4096

/** Fits, or trains, each kind at each length and measures the neighbours that its codes find. */
export function measureFamilies(
  data: FamilyData,
  options: MeasureFamiliesOptions,
): MeasuredFamilies {
  const { bits, kinds, methods, seed, k, onStep, signal } = options
  const plain: DiceByKind = {}
  const ranked: DiceByKind = {}
  const truth = neighbourFinder(data.queries, { k, families: [] })
  inBlocks(data.rows, truth.visit)
  const dice = (into: DiceByKind, kind: string, length: number, lists: typeof exact) => {
    const all = agreementAt(exact, lists, k).dice
    ;(into[kind] ??= {})[length] = all.reduce((sum, one) => sum + one, 0) / all.length
  }
  const exact = truth.found.exact.others
  const measure = (family: MeasuredFamily) => {
    signal?.throwIfAborted()
    const { kind } = family
    const length = family.family.bits
    // Codes of different cells cannot be compared with each other.
    if (!KINDS[family.family.kind].withinCells) {
      const finder = neighbourFinder(data.queries, { k, families: [family] })
      inBlocks(data.rows, finder.visit)
      for (const { lists } of finder.found.coded) dice(plain, kind, length, lists.others)
    }
    const finder = rankedFinder(data.queries, { k, families: [family] })
    inBlocks(data.rows, finder.visit)
    for (const { lists } of finder.found) dice(ranked, kind, length, lists)
  }

  for (const length of bits) {
    for (const kind of kinds) {
      onStep?.(`${kind}, ${length} bits`)
      fitFamilies(data.sample, { kinds: [kind], bits: [length], seed }).forEach(measure)
    }
    for (const method of methods) {
      onStep?.(`train ${method}, ${length} bits`)
      const { family } = trainFamily(data.sample, {
        name: method,
        method,
        bits: length,
        seed,
        k,
        bucketBits: 0,
        ...(data.owners && { owners: data.owners }),
        ...(signal && { signal }),
      })
      measure(measuredAsItIs(family, method))
    }
  }
  onStep?.(IDEAL)
  const ideal = idealFinder(data.queries, gaussianOf(data.sample), { k, bits, seed })
  inBlocks(data.rows, ideal.visit)
  for (const { bits: length, lists } of ideal.found) dice(ranked, IDEAL, length, lists)
  return { plain, ranked }
}

/** Visits the rows in blocks of a size that limits the memory of their products with all queries. */
function inBlocks(rows: KeyedRows, visit: (block: KeyedRows) => void): void {
  const dims = rows.vectors.length / rows.items.length
  for (let from = 0; from < rows.items.length; from += BLOCK) {
    const to = from + BLOCK
    visit({
      items: rows.items.subarray(from, to),
      patients: rows.patients.subarray(from, to),
      vectors: rows.vectors.subarray(from * dims, to * dims),
    })
  }
}
