import { codeWords, onesIn, type CodeWords } from '../core/code-words.js'
import type { BitCode } from '../core/code.js'
import type { HashedRows } from '../hash/bulk-encode.js'
import { bucketCount } from '../hash/family.js'
import { queryHasher, type HashedQuery, type Located, type Members } from '../hash/query-hasher.js'
import type { QueryDescription } from '../hash/query.js'
import { distanceMeter, type KeyedRows } from './block-distances.js'
import type { MeasuredFamily } from './measured-family.js'
import { enter, nearestLists, wouldEnter, type NearestLists } from './nearest-lists.js'
import { KINDS } from '../hash/kinds.js'

/** The nearest of other patients as a search ranks codes by default. */
export interface RankedNeighbours {
  readonly kind: string
  readonly bits: number
  readonly lists: NearestLists
}

/** Ranks of one query among the codes of a block. */
type Ranker = (codes: CodeWords, rows: HashedRows) => (row: number) => number

/**
 * Makes what finds the neighbours of queries in rows that come block by block, by the margins of the query, or of kinds that
 * estimate distances by the estimate: as `lsh.nearest` orders candidates, but among all codes.
 */
export function rankedFinder(
  queries: KeyedRows,
  { k, families }: { k: number; families: readonly MeasuredFamily[] },
) {
  const distances = distanceMeter(queries)
  const rankings = families.map((measured) => ({
    measured,
    rankers: rankersOf(measured, queries),
    found: {
      kind: measured.kind,
      bits: measured.family.bits,
      lists: nearestLists(queries.items.length, k),
    },
  }))

  const visit = (block: KeyedRows): void => {
    const exactOf = distances(block)
    const hashed = rankings.map(({ measured }) => {
      const rows = measured.encode(block.vectors)
      return { rows, words: codeWords(rows.codes, measured.family.bits) }
    })
    queries.items.forEach((item, query) => {
      const { exact } = exactOf(query)
      rankings.forEach(({ rankers, found: { lists } }, i) => {
        const { rows, words } = hashed[i]!
        const rankOf = rankers[query]!(words, rows)
        for (let row = 0; row < block.items.length; row++) {
          const key = block.items[row]!
          if (key === item || block.patients[row] === queries.patients[query]) continue
          const rank = rankOf(row)
          if (wouldEnter(lists, query, rank, key))
            enter(lists, query, { rank, key, distance: exact(row) })
        }
      })
    })
  }
  const found: readonly RankedNeighbours[] = rankings.map((one) => one.found)
  return { visit, found }
}

function rankersOf({ family }: MeasuredFamily, { vectors }: KeyedRows): Ranker[] {
  const { kind, dims, bits } = family
  const hash = queryHasher(family)
  // Of codes within cells something is known of the query in each cell.
  const probes = KINDS[kind].withinCells ? bucketCount(family) : 1
  return Array.from({ length: vectors.length / dims }, (_, query) => {
    const { buckets, by } = hash(vectors.subarray(query * dims, (query + 1) * dims), probes)
    if ('codes' in by) return byMembers(buckets, by, bits)
    if ('sizes' in by) return byPlaces(buckets, by, bits)
    return byMargins(by, bits, KINDS[kind].estimates)
  })
}

/** Sums of margins, or the estimated squared distance less that of the query to the center. */
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

/** Estimated squared distances of rows of kind scalar: as `candidatesBy` has it. */
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

/** Sum of the margins of a query, in steps, over the bits in which a code differs. */
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

/** Estimated squared distances of rows that lie in cells: as `candidatesBy` has it. */
function byMembers(
  buckets: HashedQuery['buckets'],
  { codes, sizes, distances }: Members,
  bits: number,
): Ranker {
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
      const size = Math.PI * sizes[place]! * (1 - (2 * hamming) / bits)
      return distances[place]! + norms![row]! ** 2 - scales![row]! * size
    }
}

function wordsOf({ bytes }: BitCode, bits: number): Int32Array {
  return codeWords(bytes, bits).words
}
