import { random, type Random } from '../../../src/core/random.js'
import { toHalfPrecision } from '../half.js'
import { emptyMatrix, QUERIES, type Dataset, type FiledDataset, type Matrix } from './dataset.js'

export interface ManifoldOptions {
  readonly name: string
  readonly rows: number
  /** Dimensions of the vectors. */
  readonly dims: number
  /** Dimensions of the points that they are generated from. */
  readonly inner: number
  readonly centres: number
  /** Units of the tanh layer. */
  readonly layer: number
  /** Standard deviation of the noise added to each element. */
  readonly noise: number
}

/** Rows generated at once when they are written to a file. */
const BLOCK = 10_000
const SEED = 5

/** Standard deviation around a centre; the centres themselves have 1 in each direction. */
const SPREAD = 0.3
/** Inputs of tanh have a standard deviation of about 1.5, so that it bends them without saturating. */
const GAIN = 1.5
const BIAS = 0.1

interface Network {
  readonly options: ManifoldOptions
  readonly centres: Float64Array
  readonly bias: Float64Array
  /** By unit, then inner dimension. */
  readonly first: Float64Array
  /** By dimension, then unit. */
  readonly second: Float64Array
}

/**
 * Vectors of a random encoder, similar to those of a real one: points of a mixture of Gaussians in few
 * dimensions, `tanh(1.5 (W z + b))` with `W ~ N(0, 1/inner)` and `b ~ N(0, 0.01)`, then a linear layer
 * `N(0, 1/layer)` to many dimensions, and noise. Rows and queries are of one distribution.
 */
export function manifold(options: ManifoldOptions): Dataset {
  const { name, rows, dims } = options
  const seed = SEED
  return {
    name,
    title: titleOf(options),
    version: 1,
    seed,
    make: async ({ say }) => {
      say(`making ${rows} vectors of ${dims} dimensions`)
      const network = draw(options, random(seed))
      // Separate random streams keep the queries the same for every number of rows.
      return {
        base: points(network, rows, random(seed + 1)),
        queries: points(network, QUERIES, random(seed + 2)),
      }
    },
  }
}

/** The same, written to a file block by block; a larger set starts with the rows of a smaller one. */
export function filedManifold(options: ManifoldOptions & { halfvec: boolean }): FiledDataset {
  const { name, rows, dims, halfvec } = options
  const network = draw(options, random(SEED))
  return {
    name,
    title: `${titleOf(options)}${halfvec ? ', in half precision' : ''}`,
    version: 1,
    seed: SEED,
    rows,
    dims,
    *blocks() {
      const source = random(SEED + 1)
      for (let from = 0; from < rows; from += BLOCK) {
        const block = points(network, Math.min(BLOCK, rows - from), source)
        if (halfvec) toHalfPrecision(block.values)
        yield block
      }
    },
    queries: () => points(network, QUERIES, random(SEED + 2)),
  }
}

function titleOf({ rows, dims, centres, inner, layer, noise }: ManifoldOptions): string {
  return (
    `${rows} × ${dims}, made up: ${centres} Gaussians in ${inner} dimensions, ` +
    `a tanh layer of ${layer}, noise ${noise}`
  )
}

function draw(options: ManifoldOptions, source: Random): Network {
  const { inner, centres, layer, dims } = options
  const normals = (count: number, deviation: number) =>
    Float64Array.from({ length: count }, () => deviation * source.normal())
  return {
    options,
    centres: normals(centres * inner, 1),
    first: normals(layer * inner, GAIN / Math.sqrt(inner)),
    bias: normals(layer, GAIN * BIAS),
    second: normals(dims * layer, 1 / Math.sqrt(layer)),
  }
}

function points(network: Network, rows: number, source: Random): Matrix {
  const { inner, centres, layer, dims, noise } = network.options
  const matrix = emptyMatrix(rows, dims)
  const z = new Float64Array(inner)
  const hidden = new Float64Array(layer)
  for (let i = 0, at = 0; i < rows; i++) {
    const centre = inner * source.integer(0, centres - 1)
    for (let j = 0; j < inner; j++)
      z[j] = (network.centres[centre + j] as number) + SPREAD * source.normal()
    for (let h = 0; h < layer; h++)
      hidden[h] = Math.tanh((network.bias[h] as number) + dot(network.first, h * inner, z))
    for (let d = 0; d < dims; d++)
      matrix.values[at++] = dot(network.second, d * layer, hidden) + noise * source.normal()
  }
  return matrix
}

/** Product of a row of weights, which begins at `from`, with a vector whose length is a multiple of 4. */
function dot(weights: Float64Array, from: number, x: Float64Array): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (let i = 0; i < x.length; i += 4) {
    a += weights[from + i]! * x[i]!
    b += weights[from + i + 1]! * x[i + 1]!
    c += weights[from + i + 2]! * x[i + 2]!
    d += weights[from + i + 3]! * x[i + 3]!
  }
  return a + b + (c + d)
}
