/** An optimiser that moves a point against its gradient. */
export interface Descent {
  /** Moves each of `values` against its gradient by about `rate`. */
  step(gradient: ArrayLike<number>, rate: number): void
}

/** Adam (Kingma and Ba, ICLR 2015). Changes `values` in place. */
export function descent(values: Float32Array | Float64Array): Descent {
  const [FIRST, SECOND] = [0.9, 0.99]
  const mean = new Float64Array(values.length)
  const squares = new Float64Array(values.length)
  let steps = 0
  return {
    step(gradient, rate) {
      steps++
      const [m, s] = [1 - FIRST ** steps, 1 - SECOND ** steps]
      for (let i = 0; i < values.length; i++) {
        const slope = gradient[i]!
        mean[i]! += (1 - FIRST) * (slope - mean[i]!)
        squares[i]! += (1 - SECOND) * (slope * slope - squares[i]!)
        values[i]! -= (rate * (mean[i]! / m)) / (Math.sqrt(squares[i]! / s) + 1e-12)
      }
    },
  }
}
