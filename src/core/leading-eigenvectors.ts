import { EigenvalueDecomposition, type Matrix } from 'ml-matrix'

/** Eigenvectors of a symmetric matrix for its largest eigenvalues, the largest first, as columns. */
export function leadingEigenvectors(matrix: Matrix, count: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  })
  const order = realEigenvalues
    .map((value, place) => ({ value, place }))
    .sort((a, b) => b.value - a.value)
    .slice(0, count)
  return eigenvectorMatrix.subMatrixColumn(order.map(({ place }) => place))
}
