import { inverse, Matrix, SingularValueDecomposition } from 'ml-matrix'
import { leadingEigenvectors } from '../core/leading-eigenvectors.js'
import { random } from '../core/random.js'
import type { CodeDirections } from './code-directions.js'
import { multiply } from './multiply.js'

const ROUNDS = 50

/** Most rows of the rotation's training: more change it little, and each costs `bits²`. */
const ROWS = 5000

/**
 * Iterative quantisation (Gong and Lazebnik, CVPR 2011): the first `bits` principal directions of a sample, rotated to
 * minimise the quantisation error of the signs of the projections. Returns orthonormal rows.
 *
 * @param sample vectors less the center of the family, of at least `bits` dimensions
 */
export function learnItq(
  sample: readonly Float32Array[],
  bits: number,
  seed: number,
): CodeDirections {
  const rows = new Matrix(sample.slice(0, ROWS).map((vector) => [...vector]))
  // The directions of largest variance.
  const principal = leadingEigenvectors(rows.transpose().mmul(rows), bits)
  const projected = rows.mmul(principal)
  const byRow = Float32Array.from(projected.to1DArray())
  const byDirection = Float32Array.from(projected.transpose().to1DArray())
  const count = rows.rows
  let rotation = randomRotation(bits, seed)
  for (let round = 0; round < ROUNDS; round++) {
    const turned = Float32Array.from(rotation.transpose().to1DArray())
    const values = multiply(byRow, turned, bits)
    const signs = new Float32Array(values.length)
    for (let bit = 0; bit < bits; bit++) {
      for (let row = 0; row < count; row++)
        signs[bit * count + row] = values[row * bits + bit]! > 0 ? 1 : -1
    }
    const fit = multiply(byDirection, signs, count)
    rotation = nearestRotation(Matrix.from1DArray(bits, bits, fit))
  }
  const directions = principal.mmul(rotation).transpose()
  return {
    weight: Float32Array.from(directions.to1DArray()),
    phase: null,
    threshold: new Float64Array(bits),
  }
}

function randomRotation(size: number, seed: number): Matrix {
  const source = random(seed)
  return nearestRotation(
    Matrix.zeros(size, size).apply(function (i, j) {
      this.set(i, j, source.normal())
    }),
  )
}

/** Limit of Newton's steps. From a scaled start ten are enough, as the number of correct digits doubles with each. */
const STEPS = 40

/**
 * The orthogonal matrix nearest to a matrix, U Vᵀ of its singular value decomposition. Newton's iteration X ← (c X + (c
 * X)⁻ᵀ) / 2 (Higham 1986) computes it in a tenth of the time; where it fails, the decomposition does.
 */
function nearestRotation(matrix: Matrix): Matrix {
  let current = matrix
  for (let step = 0; step < STEPS; step++) {
    const back = transposedInverse(current)
    if (!back) break
    const scale = Math.sqrt(back.norm('frobenius') / current.norm('frobenius'))
    const next = Matrix.mul(current, scale / 2).add(Matrix.mul(back, 0.5 / scale))
    const change = Matrix.sub(next, current).norm('frobenius')
    current = next
    if (change < 1e-10 * Math.sqrt(matrix.rows)) return current
  }
  const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(matrix)
  return leftSingularVectors.mmul(rightSingularVectors.transpose())
}

/** Null for a singular or nearly singular matrix. */
function transposedInverse(matrix: Matrix): Matrix | null {
  const singular = (error: unknown) => error instanceof Error && /singular/i.test(error.message)
  try {
    const back = inverse(matrix).transpose()
    return Number.isFinite(back.norm('frobenius')) ? back : null
  } catch (error) {
    if (singular(error)) return null
    throw error
  }
}
