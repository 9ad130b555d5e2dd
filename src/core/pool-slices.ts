/** How the vectors of a plan's slices become one vector. */
export interface Pooling {
  /** Space whose vectors are averaged, and space whose vectors predict the level of a slice along the body. */
  readonly features: string
  readonly levels: string
  /** A level in mm is the inner product of a vector in `levels` with these weights, plus the last weight. */
  readonly weights: readonly number[]
  /** Levels around which slices are averaged, and the standard deviation of the Gaussian weights. */
  readonly levelsMm: readonly number[]
  readonly widthMm: number
}

/** A slice of a plan with its vectors in both spaces of a pooling. */
export interface PooledSlice {
  readonly features: Float32Array
  readonly levels: Float32Array
  readonly positionMm: number
}

/**
 * Makes one vector for a plan: the means of its slices' features around each level, concatenated; 0 around a level
 * without slices. The predicted level of a single slice is off by about a centimetre, so all slices together determine
 * the position of the plan.
 */
export function poolSlices(slices: readonly PooledSlice[], pooling: Pooling): Float32Array {
  const { levelsMm, widthMm } = pooling
  const told = slices.map(({ levels }) => levelOf(levels, pooling.weights))
  const shifts = slices.map(({ positionMm }, i) => told[i]! - positionMm).sort((a, b) => a - b)
  const shift = shifts[shifts.length >> 1] ?? 0
  const dims = slices[0]?.features.length ?? 0
  const out = new Float32Array(levelsMm.length * dims)
  const spacing = spacingOf(slices)
  levelsMm.forEach((level, at) => {
    const weights = slices.map(({ positionMm }) =>
      Math.exp(-(((positionMm + shift - level) / widthMm) ** 2) / 2),
    )
    const sum = weights.reduce((a, b) => a + b, 0)
    if (sum === 0) return
    // A level with less than one width of slices counts in proportion.
    const present = Math.min(1, (sum * spacing) / widthMm)
    slices.forEach(({ features }, i) => {
      const share = (weights[i]! / sum) * present
      for (let d = 0; d < dims; d++) out[at * dims + d]! += share * features[d]!
    })
  })
  return out
}

/** Level of a slice predicted from its vector. */
export function levelOf(vector: Float32Array, weights: readonly number[]): number {
  return vector.reduce((sum, value, d) => sum + value * weights[d]!, weights[vector.length]!)
}

function spacingOf(slices: readonly PooledSlice[]): number {
  const [first, last] = [slices[0]?.positionMm ?? 0, slices.at(-1)?.positionMm ?? 0]
  return slices.length > 1 ? Math.abs(last - first) / (slices.length - 1) : 1
}
