import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { leadingEigenvectors } from '../core/leading-eigenvectors.js'
import { random } from '../core/random.js'
import type { CodeDirections } from './family.js'

const ROUNDS = 50

/** More rows change the rotation little, and each costs `bits²`. */
const ROWS = 5000

/**
 * Iterative quantisation (Gong and Lazebnik, CVPR 2011): the `bits` principal directions of a sample,
 * rotated so that the signs of the projections lose as little as possible. Orthonormal rows.
 *
 * @param sample vectors less the center of the family, of at least `bits` dimensions
 */
export function learnItq(
  sample: readonly Float32Array[],
  bits: number,
  seed: number,
): CodeDirections {
  const rows = new Matrix(sample.slice(0, ROWS).map((vector) => [...vector]))
  // The directions of most variance.
  const principal = leadingEigenvectors(rows.transpose().mmul(rows), bits)
  const projected = rows.mmul(principal)
  let rotation = randomRotation(bits, seed)
  for (let round = 0; round < ROUNDS; round++) {
    const signs = projected.mmul(rotation)
    signs.apply(function (i, j) {
      this.set(i, j, this.get(i, j) > 0 ? 1 : -1)
    })
    const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(
      projected.transpose().mmul(signs),
    )
    rotation = leftSingularVectors.mmul(rightSingularVectors.transpose())
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
  const normals = Matrix.zeros(size, size).apply(function (i, j) {
    this.set(i, j, source.normal())
  })
  const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(normals)
  return leftSingularVectors.mmul(rightSingularVectors.transpose())
}
