/** Distances between plans, from distances of their slices: the candidates for the measure of `cbir.similar_plans`. */

/** Distances of the slices of a plan (rows) to those of another (columns), with weights of the slices that sum to 1. */
export interface Pair {
  readonly distance: (row: number, column: number) => number
  readonly rows: Float64Array
  readonly columns: Float64Array
}

export type Measure = (pair: Pair) => number

/** Weighted mean over the rows of the distance to the nearest column. */
export function directed({ distance, rows, columns }: Pair): number {
  let sum = 0
  rows.forEach((weight, i) => {
    let nearest = Infinity
    for (let j = 0; j < columns.length; j++) nearest = Math.min(nearest, distance(i, j))
    sum += weight * nearest
  })
  return sum
}

/** Weighted mean over the rows of the distance to the matched column, for the cheapest match in ascending order. */
export function monotone({ distance, rows, columns }: Pair): number {
  // costs[j]: least cost of the rows so far if the last of them is matched to column j.
  let costs = new Float64Array(columns.length)
  rows.forEach((weight, i) => {
    let before = Infinity
    costs = costs.map((cost, j) => {
      before = Math.min(before, cost)
      return before + weight * distance(i, j)
    })
  })
  return Math.min(...costs)
}

/** Dynamic time warping: cost of the cheapest path, each step weighted by its row and column, over its total weight. */
export function warped({ distance, rows, columns }: Pair): number {
  type Path = readonly [cost: number, weight: number]
  let previous: Path[] = []
  rows.forEach((weight, i) => {
    const current: Path[] = []
    columns.forEach((other, j) => {
      const ways = [previous[j], previous[j - 1], current[j - 1]].filter((way) => way !== undefined)
      const way = ways.reduce<Path>((a, b) => (b[0] < a[0] ? b : a), i + j ? [Infinity, 0] : [0, 0])
      const step = (weight + other) / 2
      current.push([way[0] + step * distance(i, j), way[1] + step])
    })
    previous = current
  })
  const [cost, weight] = previous.at(-1) as Path
  return cost / weight
}

export const swapped = ({ distance, rows, columns }: Pair): Pair => ({
  distance: (i, j) => distance(j, i),
  rows: columns,
  columns: rows,
})

const both =
  (one: Measure, join: (a: number, b: number) => number): Measure =>
  (pair) =>
    join(one(pair), one(swapped(pair)))
const mean = (a: number, b: number) => (a + b) / 2

export const measures: readonly { name: string; of: Measure }[] = [
  { name: 'directed mean, query to plan', of: directed },
  { name: 'directed mean, plan to query', of: (pair) => directed(swapped(pair)) },
  { name: 'modified Hausdorff (max)', of: both(directed, Math.max) },
  { name: 'mean of both directions', of: both(directed, mean) },
  { name: 'monotone match (max)', of: both(monotone, Math.max) },
  { name: 'monotone match (mean)', of: both(monotone, mean) },
  { name: 'dynamic time warping', of: warped },
]
