import type { BatchMatMulAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import type { Compute, DataOwner } from './wasm-workbench.js'

/**
 * A product of two matrices with transpose flags, which the gradient of a dense layer needs. The back end has a fast
 * kernel for the plain product only and uses a scalar loop if a flag is set. This function transposes first; the copy
 * costs little compared with the product.
 *
 * Returns `null` if the plain kernel serves as well, and for batches of matrices.
 */
export function transposedProduct(
  a: TensorInfo,
  b: TensorInfo,
  attrs: BatchMatMulAttrs,
  options: { compute: Compute; owner: DataOwner },
): TensorInfo | null {
  const { transposeA, transposeB } = attrs
  if (!transposeA && !transposeB) return null
  if (!isMatrix(a) || !isMatrix(b)) return null
  const swap = (rank: number) => [...Array(rank - 2).keys(), rank - 1, rank - 2]

  return options.compute(options.owner, (bench) => {
    const flip = (x: TensorInfo) => bench.transpose(x, swap(x.shape.length))
    // a·bᵀ = (b·aᵀ)ᵀ: avoids the transpose of the larger matrix, the weights.
    if (transposeB && a.shape.length === b.shape.length && elements(b) > elements(a)) {
      return flip(bench.multiply(b, transposeA ? a : flip(a)))
    }
    return bench.multiply(transposeA ? flip(a) : a, transposeB ? flip(b) : b)
  })
}

const elements = (x: TensorInfo) => x.shape.reduce((product, size) => product * size, 1)

/** True for a single matrix, even with leading axes of length 1. */
function isMatrix(x: TensorInfo): boolean {
  return x.shape.slice(0, -2).every((size) => size === 1)
}
