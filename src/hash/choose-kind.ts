import { codeWords } from '../core/code-words.js'
import { endToEnd } from '../core/vector.js'
import { bulkEncoder } from './bulk-encode.js'
import { distancesAmong } from './distances.js'
import { fitFamily, type FitOptions } from './fit.js'
import { KINDS, type FamilyKind } from './kinds.js'
import { rankersOf } from './rank-codes.js'

/** Result of comparing kinds on a sample. */
export interface KindChoice {
  readonly kind: FamilyKind
  /** Dice of the ten nearest as a search ranks codes, by kind, best first; empty if there are too few rows. */
  readonly dice: Readonly<Partial<Record<FamilyKind, number>>>
}

export interface ChooseKindOptions extends Pick<FitOptions, 'bits' | 'seed' | 'bandwidth'> {
  /** Kinds to choose from. (Default: those of `kindsToChoose`) */
  kinds?: readonly FamilyKind[]
}

/** Limits of the rows that are searched: a Dice of more rows does not separate the kinds better. */
const ROWS = { most: 2000, least: 300, numbers: 1_000_000 }
/** One row in this many is a query. */
const ASKING = 10
/** Neighbours per query. */
const K = 10
/** Longer codes are measured by this many of their bits. */
const BITS = 512
/** With fewer rows, Dice is not measured: any kind will do if all vectors are read anyway. */
const LEAST = 40

/**
 * Kinds that a search may use. If it reads vectors, kinds whose codes are compared with one bit count: scalar is more
 * precise, but takes twelve, which only pays if vectors are not read. Kinds with learned rotations are left out because
 * they take minutes to fit, and kernel because it is cosine with thresholds that cost information.
 */
export function kindsToChoose({
  rerank = true,
  buckets,
  bandwidth,
}: {
  /** Whether searches read the vectors of their candidates. (Default: true) */
  rerank?: boolean
  buckets?: 'directions' | 'voronoi' | undefined
  bandwidth?: number | undefined
} = {}): FamilyKind[] {
  // In the order of their speed, which breaks ties.
  const all: FamilyKind[] = ['residual', 'sign', 'cosine']
  const wanted = rerank ? all : (['scalar', 'residual', 'sign'] as FamilyKind[])
  return wanted.filter((kind) => {
    if (bandwidth !== undefined && KINDS[kind].estimates) return false
    return buckets !== 'directions' || !KINDS[kind].withinCells
  })
}

/**
 * Chooses the kind whose codes find most of the ten nearest neighbours of some rows of a sample among the others,
 * ranked as a search ranks codes before it reads vectors.
 *
 * @param sample vectors in random order
 */
export function chooseKind(
  sample: readonly Float32Array[],
  { kinds = kindsToChoose(), bits = 512, seed = 1, bandwidth }: ChooseKindOptions = {},
): KindChoice {
  const [first = 'sign'] = kinds
  const dims = sample[0]?.length ?? 1
  const most = Math.max(ROWS.least, Math.min(ROWS.most, Math.floor(ROWS.numbers / dims)))
  const rows = sample.slice(0, most)
  if (rows.length < LEAST || kinds.length < 2)
    return {
      kind: rows.length < LEAST ? (kinds.find((kind) => !KINDS[kind].learned) ?? first) : first,
      dice: {},
    }
  const asking = Math.ceil(rows.length / ASKING)
  const base = rows.slice(asking)
  const distancesOf = distancesAmong(rows)
  const truth = Array.from({ length: asking }, (_, query) =>
    firstOf(distancesOf(query).subarray(asking)),
  )
  const [asked, searched] = [endToEnd(rows.slice(0, asking)), endToEnd(base)]
  const measured = kinds.flatMap((kind): [FamilyKind, number][] => {
    const length = Math.min(bits, BITS)
    if (kind === 'scalar' && length > 16 * dims) return []
    const own = KINDS[kind].estimates || bandwidth === undefined ? {} : { bandwidth }
    const family = fitFamily(base, { name: kind, kind, bits: length, seed, bucketBits: 0, ...own })
    const hashed = bulkEncoder(family)(searched)
    const words = codeWords(hashed.codes, length)
    let overlap = 0
    rankersOf(family, asked).forEach((ranker, query) => {
      const found = firstOf(Float64Array.from(base.keys(), ranker(words, hashed)))
      for (const row of found) if (truth[query]!.has(row)) overlap++
    })
    return [[kind, overlap / (K * asking)]]
  })
  // A stable sort: ties keep their order.
  measured.sort(([, a], [, b]) => b - a)
  return { kind: measured[0]?.[0] ?? first, dice: Object.fromEntries(measured) }
}

/** Places of the K smallest values; ties go to the first. */
function firstOf(values: Float64Array | Float32Array): Set<number> {
  const best: number[] = []
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!
    if (best.length === K && !(value < values[best[K - 1]!]!)) continue
    let at = best.length
    while (at > 0 && value < values[best[at - 1]!]!) at--
    best.splice(at, 0, place)
    if (best.length > K) best.pop()
  }
  return new Set(best)
}
