import { codeWords, onesIn } from '../core/code-words.js'
import { codesBy } from './bulk-codes.js'
import type { CodeDirections } from './code-directions.js'
import { comparable, type TrainingSet } from './train-set.js'
import { visitDistances } from './train-neighbours.js'

/** Measures directions, in units of `values`: the share of the neighbours of held-out rows that they find, 0 to 1. */
export type Agreement = (code: CodeDirections) => number

/**
 * Returns a measure of directions. For each held-out row, it finds the k nearest rows by Hamming distance and returns
 * the share of them that are as near as the k-th nearest by distance or, if there are labels, that have the label of
 * the row.
 */
export function agreementOf(set: TrainingSet): Agreement {
  const { values, dims, rows, k, labels, heldOut } = set
  const isHit = labels ? ofOneLabel(set, labels) : asNear(set)

  return (code) => {
    const { width, words } = codeWords(codesBy(code, dims, values), code.threshold.length)
    const bits = code.threshold.length
    const hamming = new Int32Array(rows)
    let hits = 0
    heldOut.forEach((row, place) => {
      const counts = new Int32Array(bits + 2)
      for (let other = 0; other < rows; other++) {
        let sum = bits + 1
        if (comparable(set, row, other)) {
          sum = 0
          for (let a = row * width, b = other * width, end = a + width; a < end; a++, b++)
            sum += onesIn(words[a]! ^ words[b]!)
        }
        hamming[other] = sum
        counts[sum]!++
      }
      // The k smallest, ties by row; without a sort, which would take most of the time.
      let [edge, within] = [0, 0]
      while (edge <= bits && within + counts[edge]! <= k) within += counts[edge++]!
      let ties = edge <= bits ? k - within : 0
      hamming.forEach((sum, other) => {
        if (sum < edge || (sum === edge && ties-- > 0)) if (isHit(place, other)) hits++
      })
    })
    return hits / (k * heldOut.length)
  }
}

/** Whether a row is a hit for the held-out row at a place. */
type IsHit = (place: number, row: number) => boolean

function ofOneLabel({ heldOut }: TrainingSet, labels: Int32Array): IsHit {
  return (place, row) => labels[row] === labels[heldOut[place]!]
}

/** Rows at most as far as the k-th nearest. */
function asNear(set: TrainingSet): IsHit {
  const all = Int32Array.from({ length: set.rows }, (_, row) => row)
  const near: Set<number>[] = []
  visitDistances(set, { of: set.heldOut, to: all }, (distances) => {
    const edge = distances.toSorted()[set.k - 1]!
    near.push(new Set(all.filter((row) => distances[row]! <= edge)))
  })
  return (place, row) => near[place]!.has(row)
}
