import { codeWords } from '../core/code-words.js'
import { endToEnd } from '../core/vector.js'
import { bulkEncoder } from './bulk-encode.js'
import { distancesAmong } from './distances.js'
import { fitFamily, type FitOptions } from './fit.js'
import { KINDS, type FamilyKind } from './kinds.js'
import { rankersOf } from './rank-codes.js'

/** What a sample said of the kinds that it was hashed by. */
export interface KindChoice {
  readonly kind: FamilyKind
  /** Dice of the ten nearest as a search ranks codes, by kind, the best first; empty for too few rows. */
  readonly dice: Readonly<Partial<Record<FamilyKind, number>>>
}

export interface ChooseKindOptions extends Pick<FitOptions, 'bits' | 'seed' | 'bandwidth'> {
  /** Kinds to choose from. (Default: those of `kindsToChoose`) */
  kinds?: readonly FamilyKind[]
}

/** Rows that are searched, of at most so many numbers: Dice of more of them tells the kinds apart no better. */
const ROWS = { most: 2000, least: 300, numbers: 1_000_000 }
/** One row in so many asks. */
const ASKING = 10
/** Neighbours that are looked for. */
const K = 10
/** Longer codes are measured by so many of their bits. */
const BITS = 512
/** Fewer rows tell nothing: any kind will do where all vectors are read anyway. */
const LEAST = 40

/**
 * Kinds that a search may use. Those of one count of bits a code, as ranked by a search that reads vectors afterwards; a code
 * of kind scalar tells more, but takes twelve counts, and is worth them where vectors are not read. Learned rotations take
 * minutes, and kernel differs from cosine by thresholds that cost information.
 */
export function kindsToChoose({
  rerank = true,
  buckets,
  bandwidth,
}: {
  /** Whether searches will read the vectors of their candidates. (Default: true) */
  rerank?: boolean
  buckets?: 'directions' | 'voronoi' | undefined
  bandwidth?: number | undefined
} = {}): FamilyKind[] {
  // In the order of their speed, which decides between equals.
  const all: FamilyKind[] = ['residual', 'sign', 'cosine']
  const wanted = rerank ? all : (['scalar', 'residual', 'sign'] as FamilyKind[])
  return wanted.filter((kind) => {
    if (bandwidth !== undefined && KINDS[kind].estimates) return false
    return buckets !== 'directions' || !KINDS[kind].withinCells
  })
}

/**
 * Chooses the kind whose codes find most of the ten nearest of some rows of a sample among the others, as a search ranks
 * codes before it reads vectors.
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
  // Equals stay in their order.
  measured.sort(([, a], [, b]) => b - a)
  return { kind: measured[0]?.[0] ?? first, dice: Object.fromEntries(measured) }
}

/** Places of the K smallest values, the first of equals first. */
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
