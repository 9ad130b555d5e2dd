import { codeWords, onesIn } from '../core/code-words.js'
import { codesBy } from './bulk-codes.js'
import type { CodeDirections } from './code-directions.js'
import { comparable, type TrainingSet } from './train-set.js'
import { visitDistances } from './train-neighbours.js'

/** How well directions, in units of `values`, find the neighbours of rows held out: 1 where they find all. */
export type Agreement = (code: CodeDirections) => number

/**
 * Makes what measures directions: for each row held out the k nearest rows by Hamming distance, and the share of them that
 * are as near as the k-th nearest by distance, or where there are labels, that have the label of the row.
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
      // The k smallest, ties by row: without a sort, which would take most of the time.
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

/** Whether a row may count as found for the row held out at a place. */
type IsHit = (place: number, row: number) => boolean

function ofOneLabel({ heldOut }: TrainingSet, labels: Int32Array): IsHit {
  return (place, row) => labels[row] === labels[heldOut[place]!]
}

/** Not farther than the k-th nearest. */
function asNear(set: TrainingSet): IsHit {
  const all = Int32Array.from({ length: set.rows }, (_, row) => row)
  const near: Set<number>[] = []
  visitDistances(set, { of: set.heldOut, to: all }, (distances) => {
    const edge = distances.toSorted()[set.k - 1]!
    near.push(new Set(all.filter((row) => distances[row]! <= edge)))
  })
  return (place, row) => near[place]!.has(row)
}
