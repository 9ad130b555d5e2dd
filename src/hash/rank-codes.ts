import { codeWords, onesIn, type CodeWords } from '../core/code-words.js'
import type { BitCode } from '../core/code.js'
import { vectorLength } from '../core/vector.js'
import type { HashedRows } from './bulk-encode.js'
import { centered } from './centered.js'
import { bucketCount, type HashFamily } from './family.js'
import { KINDS } from './kinds.js'
import type { QueryDescription } from './query.js'
import { queryHasher, type HashedQuery, type Located, type Members } from './query-hasher.js'

/** Ranks of a block of codes for one query: a function from a row of the block to its rank, smaller is nearer. */
export type Ranker = (codes: CodeWords, rows: HashedRows) => (row: number) => number

/**
 * For each of some concatenated queries, a function that ranks all codes: by the margins of the query or, for kinds that
 * estimate distances, by the squared distance less a constant of the query.
 *
 * @param finely whether residual codes are ranked by the margins of the query in their cells, as in a search that reads
 *   no vectors, or else by one Hamming distance, as before one that does (Default: false)
 */
export function rankersOf(
  family: HashFamily,
  vectors: Float32Array,
  { finely = false } = {},
): Ranker[] {
  const { kind, dims, bits } = family
  const hash = queryHasher(family, { finely })
  // If codes are within cells, the query is described relative to every cell.
  const probes = KINDS[kind].withinCells ? bucketCount(family) : 1
  return queriesOf(vectors, dims).map((vector) => {
    const { buckets, by } = hash(vector, probes)
    if ('codes' in by) return finely ? byMemberMargins(buckets, by, bits) : byMembers(buckets, by)
    if ('sizes' in by) return byPlaces(buckets, by, bits)
    return byMargins(by, bits, KINDS[kind].estimates)
  })
}

/**
 * For each of some concatenated queries, a function that estimates the distances of all codes, as a search without
 * candidates does: `lsh_internal.estimating`. Only for kinds that estimate distances.
 */
export function estimatorsOf(family: HashFamily, vectors: Float32Array): Ranker[] {
  const queries = queriesOf(vectors, family.dims)
  return rankersOf(family, vectors, { finely: true }).map((ranker, query) => {
    const length = vectorLength(centered(family, queries[query]!).values)
    const beyond = family.kind === 'residual' ? 0 : length ** 2
    return (codes, rows) => {
      const rank = ranker(codes, rows)
      return (row) => Math.sqrt(Math.max(0, beyond + rank(row)))
    }
  })
}

function queriesOf(vectors: Float32Array, dims: number): Float32Array[] {
  return Array.from({ length: vectors.length / dims }, (_, query) =>
    vectors.subarray(query * dims, (query + 1) * dims),
  )
}

/** Sums of margins, or the estimated squared distances less that of the query to the center. */
function byMargins(
  { code, planes, step, size }: QueryDescription,
  bits: number,
  estimates: boolean,
): Ranker {
  const weigh = weigher({ code, planes }, bits)
  return (codes, { norms, scales }) =>
    (row) => {
      const sum = weigh(codes, row)
      if (!estimates || !norms || !scales) return sum
      return norms[row]! ** 2 - 2 * scales[row]! * (size - 2 * step * sum)
    }
}

/** Estimated squared distances of rows of kind scalar, as in `candidatesBy`. */
function byPlaces(buckets: HashedQuery['buckets'], query: Located, bits: number): Ranker {
  const sizes = new Map(Array.from(buckets, (bucket, i) => [bucket, query.sizes[i]!]))
  const weigh = weigher(query, bits)
  return (codes, { buckets: cells, norms }) =>
    (row) => {
      const size = sizes.get(cells[row]!)
      if (size === undefined) return Infinity
      return norms![row]! ** 2 - 2 * (size - 2 * query.step * weigh(codes, row))
    }
}

/** Returns the sum of the margins of a query, in steps, over the bits in which a code differs. */
function weigher({ code, planes }: Pick<QueryDescription, 'code' | 'planes'>, bits: number) {
  const own = wordsOf(code, bits)
  const masks = planes.map((plane) => wordsOf(plane, bits))
  return ({ width, words }: CodeWords, row: number): number => {
    let sum = 0
    for (let word = 0, at = row * width; word < width; word++, at++) {
      const differ = words[at]! ^ own[word]!
      for (let power = 0; power < masks.length; power++)
        sum += onesIn(differ & masks[power]![word]!) * (1 << power)
    }
    return sum
  }
}

/** Squared distances of rows in cells, estimated by the margins of the query in each cell: `lsh_internal.member_estimate`. */
function byMemberMargins(
  buckets: HashedQuery['buckets'],
  { distances, margins = [] }: Members,
  bits: number,
): Ranker {
  const own = new Map(Array.from(buckets, (bucket, i) => [bucket, i]))
  const weighers = margins.map((member) => weigher(member, bits))
  return (codes, { buckets: cells, norms, scales }) =>
    (row) => {
      const place = own.get(cells[row]!)
      if (place === undefined) return Infinity
      const { size, step } = margins[place]!
      const product = size - 2 * step * weighers[place]!(codes, row)
      return distances[place]! + norms![row]! ** 2 - 2 * scales![row]! * product
    }
}

/** Squared distances of rows in cells, estimated by the Hamming distance alone, as in `candidatesBy`. */
function byMembers(buckets: HashedQuery['buckets'], { codes, sizes, distances }: Members): Ranker {
  const bits = codes[0]?.bits ?? 0
  const own = new Map(Array.from(buckets, (bucket, i) => [bucket, i]))
  const members = codes.map((code) => wordsOf(code, bits))
  return ({ width, words }, { buckets: cells, norms, scales }) =>
    (row) => {
      const place = own.get(cells[row]!)
      if (place === undefined) return Infinity
      const code = members[place]!
      let hamming = 0
      for (let word = 0, at = row * width; word < width; word++, at++)
        hamming += onesIn(words[at]! ^ code[word]!)
      return (
        distances[place]! +
        norms![row]! ** 2 -
        scales![row]! * sizes[place]! * halfCircle(hamming / bits)
      )
    }
}

/** Twice the cosine for a share of differing bits, linearised: within 1 % in the range that separates neighbours. */
function halfCircle(share: number): number {
  return Math.PI * (1 - 2 * share)
}

function wordsOf({ bytes }: BitCode, bits: number): Int32Array {
  return codeWords(bytes, bits).words
}
