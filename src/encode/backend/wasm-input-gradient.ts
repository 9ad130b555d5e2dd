import { backend_util } from '@tensorflow/tfjs-core'
import type { Conv2DBackpropInputAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import type { Compute, DataOwner } from './wasm-workbench.js'

/** Geometry of the gradient along one axis of a strided convolution. */
interface Axis {
  /** Taps of one phase of the stride. */
  readonly taps: number
  /** Blocks of one stride in the input. */
  readonly blocks: number
  /** Zero taps before and after the filter, so that it has `taps * stride` of them. */
  readonly filterPad: readonly [number, number]
  /** Zeros before and after dy; a negative number after means that so many rows of dy have no effect. */
  readonly outputPad: readonly [number, number]
}

/**
 * The gradient of a convolution by its input, which is also the forward pass of a transposed convolution. The kernel of
 * the back end is a scalar loop, so this function uses the sub-pixel form:
 *
 *     dx[i] = Σ over o with i = o·s − p + k of dy[o] · W[k]
 *
 * Write i = s·q + r with the phase r in [0, s). For a fixed r, only every s-th tap of W contributes, and all phases use
 * the same rows of dy. So the phases become output channels of one convolution with stride 1 (with the taps reversed,
 * because o runs against k), and are then interleaved.
 *
 * Returns `null` for geometries that this form does not cover.
 */
export function inputGradient(
  dy: TensorInfo,
  filter: TensorInfo,
  attrs: Conv2DBackpropInputAttrs,
  options: { compute: Compute; owner: DataOwner },
): TensorInfo | null {
  const { strides, pad, dimRoundingMode, inputShape, dataFormat } = attrs
  if (dataFormat !== 'NHWC') return null
  const filterShape = filter.shape as [number, number, number, number]
  const conv = backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  )
  const { batchSize: n, inChannels: ci, outChannels: co, strideHeight: s } = conv
  if (s !== conv.strideWidth) return null
  const h = axisOf(s, conv.padInfo.top, conv.filterHeight, conv.inHeight, conv.outHeight)
  const w = axisOf(s, conv.padInfo.left, conv.filterWidth, conv.inWidth, conv.outWidth)
  if (h === null || w === null) return null

  return options.compute(options.owner, (bench) => {
    const padded = bench.pad(filter, [h.filterPad, w.filterPad, [0, 0], [0, 0]])
    const split = bench.view(padded, [h.taps, s, w.taps, s, ci, co])
    const byPhase = bench.transpose(split, [0, 2, 5, 1, 3, 4])
    const flat = bench.view(byPhase, [h.taps, w.taps, co, s * s * ci])
    const phases = h.taps === 1 && w.taps === 1 ? flat : bench.reverse(flat, [0, 1])

    const reached = bench.crop(dy, [
      n,
      conv.outHeight + Math.min(0, h.outputPad[1]),
      conv.outWidth + Math.min(0, w.outputPad[1]),
      co,
    ])
    const blocks = bench.convolve(reached, phases, {
      pad: [
        [0, 0],
        [h.outputPad[0], Math.max(0, h.outputPad[1])],
        [w.outputPad[0], Math.max(0, w.outputPad[1])],
        [0, 0],
      ],
    })
    // Depth to space. The kernel of that name is slow; a transpose of four axes is not.
    const rows = bench.view(blocks, [n * h.blocks, w.blocks, s, s * ci])
    const woven = s === 1 ? blocks : bench.transpose(rows, [0, 2, 1, 3])
    const image = bench.view(woven, [n, h.blocks * s, w.blocks * s, ci])
    return bench.crop(image, [n, conv.inHeight, conv.inWidth, ci])
  })
}

function axisOf(
  stride: number,
  pad: number,
  filter: number,
  input: number,
  output: number,
): Axis | null {
  // The block q uses the rows of dy from q + first to q + last.
  const first = Math.ceil((pad - filter + 1) / stride)
  const last = Math.floor((stride - 1 + pad) / stride)
  const taps = last - first + 1
  const blocks = Math.ceil(input / stride)
  const before = stride * last - pad
  const after = stride * taps - filter - before
  if (pad > filter - 1 || first > 0 || before < 0 || after < 0) return null
  return {
    taps,
    blocks,
    filterPad: [before, after],
    // 0 − first, because −0 is not a valid size.
    outputPad: [0 - first, blocks - 1 + last - (output - 1)],
  }
}
