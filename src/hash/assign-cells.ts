import { groupBounds, SPREAD } from './cells.js'
import { centresOf, nearestCentres, type Centres } from './centres.js'
import type { BucketCells } from './family.js'

/** Vectors that are sorted by group at once: enough that many of them share a group. */
const BLOCK = 16384

/** Returns a function that finds the cells of many vectors. It agrees with `nearestCell` except for rounding. */
export function cellAssigner(
  { weight, parent, groups }: Omit<BucketCells, 'images'>,
  dims: number,
): (centered: Float32Array) => Int32Array {
  const above = centresOf(groups, dims)
  const bounds = groupBounds(parent, above.halves.length)
  const inside = Array.from({ length: above.halves.length }, (_, group) => {
    const [first, end] = [bounds[group]!, bounds[group + 1]!]
    return { first, centres: centresOf(weight.subarray(first * dims, end * dims), dims) }
  })

  return (vectors) => {
    const found = new Int32Array(vectors.length / dims)
    for (let from = 0; from < found.length; from += BLOCK) {
      const to = Math.min(found.length, from + BLOCK)
      found.set(assign(vectors.subarray(from * dims, to * dims)), from)
    }
    return found
  }

  function assign(vectors: Float32Array): Int32Array {
    const near = nearestCentres(vectors, above, SPREAD)
    const rows = vectors.length / dims
    const found = new Int32Array(rows)
    const least = new Float32Array(rows).fill(Infinity)
    rowsByGroup(near.numbers, near.count, inside.length).forEach((members, group) => {
      const { first, centres } = inside[group] as { first: number; centres: Centres }
      if (members.length === 0 || centres.halves.length === 0) return
      const { numbers, distances } = nearestCentres(gathered(vectors, dims, members), centres, 1)
      members.forEach((row, i) => {
        const cell = first + numbers[i]!
        if (distances[i]! > least[row]! || (distances[i] === least[row] && cell > found[row]!))
          return
        least[row] = distances[i]!
        found[row] = cell
      })
    })
    return found
  }
}

/** For each group, the rows that have it among their nearest groups. */
function rowsByGroup(numbers: Int32Array, count: number, groups: number): Int32Array[] {
  const sizes = new Int32Array(groups)
  for (const group of numbers) sizes[group]!++
  const members = Array.from(sizes, (size) => new Int32Array(size))
  sizes.fill(0)
  numbers.forEach((group, i) => {
    members[group]![sizes[group]!++] = Math.floor(i / count)
  })
  return members
}

function gathered(vectors: Float32Array, dims: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * dims)
  rows.forEach((row, i) => out.set(vectors.subarray(row * dims, (row + 1) * dims), i * dims))
  return out
}
