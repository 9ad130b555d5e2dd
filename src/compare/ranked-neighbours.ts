import { codeWords } from '../core/code-words.js'
import { rankersOf } from '../hash/rank-codes.js'
import { distanceMeter, type KeyedRows } from './block-distances.js'
import type { MeasuredFamily } from './measured-family.js'
import { enter, nearestLists, wouldEnter, type NearestLists } from './nearest-lists.js'

/** The nearest rows of other patients, ranked by codes alone. */
export interface RankedNeighbours {
  readonly kind: string
  readonly bits: number
  readonly lists: NearestLists
}

/**
 * Finds the neighbours of queries in rows that are read block by block, by the margins of the query or, for kinds that
 * estimate distances, by the estimate: the order of a search that reads no vectors (`candidates => 0`) of all codes.
 */
export function rankedFinder(
  queries: KeyedRows,
  { k, families }: { k: number; families: readonly MeasuredFamily[] },
) {
  const distances = distanceMeter(queries)
  const rankings = families.map((measured) => ({
    measured,
    rankers: rankersOf(measured.family, queries.vectors, { finely: true }),
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
