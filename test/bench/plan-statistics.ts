import { random } from '../../src/core/random.js'

const RESAMPLES = 10_000

export const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length

/** Mean with a 95 % bootstrap interval over queries, as text. */
export function summary(values: readonly number[]): string {
  const source = random(1)
  const last = values.length - 1
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(values.map(() => values[source.integer(0, last)] as number)),
  ).sort((a, b) => a - b)
  const [low, high] = [0.025, 0.975].map((share) => means[Math.floor(share * RESAMPLES)] as number)
  return `${mean(values).toFixed(2)} (${low?.toFixed(2)} … ${high?.toFixed(2)})`
}

/** Spearman's rank correlation of two lists with hardly any ties. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const ranks = (list: readonly number[]) => {
    const order = [...list.keys()].sort((i, j) => (list[i] as number) - (list[j] as number))
    const rank = new Float64Array(list.length)
    order.forEach((at, place) => (rank[at] = place))
    return rank
  }
  const [left, right] = [ranks(a), ranks(b)]
  const squares = left.reduce((sum, rank, i) => sum + (rank - (right[i] as number)) ** 2, 0)
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1))
}
