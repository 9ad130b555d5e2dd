import { backend_util } from '@tensorflow/tfjs-core'
import type { Conv2DBackpropFilterAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { LshError } from '../../core/errors.js'
import type { Compute, DataOwner, Workbench } from './wasm-workbench.js'

/**
 * The gradient of a convolution by its filter. The back end has no such kernel, but
 *
 *     dW[kh, kw, ci, co] = Σ over n, oh, ow of x[n, oh·s − p + kh, ow·s − p + kw, ci] · dy[n, oh, ow, co]
 *
 * is itself a convolution: of x read as [Ci, H, W, N] (input channels take the place of the images,
 * images that of the channels) with dy as a filter [OH, OW, N, Co] whose taps lie one stride apart.
 * Its result [Ci, KH, KW, Co] only needs its axes put in order.
 */
export function filterGradient(
  x: TensorInfo,
  dy: TensorInfo,
  attrs: Conv2DBackpropFilterAttrs,
  options: { compute: Compute; owner: DataOwner },
): TensorInfo {
  const { strides, pad, dimRoundingMode, filterShape, dataFormat } = attrs
  if (dataFormat !== 'NHWC') {
    throw new LshError('backend', `filter gradient needs NHWC, not ${dataFormat}`, {
      hint: 'Build the layers with dataFormat "channelsLast", the default.',
    })
  }
  const shape = x.shape as [number, number, number, number]
  const conv = backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode)
  const { batchSize: n, inChannels: ci, outChannels: co } = conv
  const { outHeight: oh, outWidth: ow, strideHeight: sh, strideWidth: sw, padInfo } = conv

  return options.compute(options.owner, (bench) => {
    // The window that the taps of dy cover; pixels that 'valid' left out at the end have no effect.
    const below = (oh - 1) * sh + conv.filterHeight - conv.inHeight - padInfo.top
    const right = (ow - 1) * sw + conv.filterWidth - conv.inWidth - padInfo.left
    const h = conv.inHeight + Math.min(0, below)
    const w = conv.inWidth + Math.min(0, right)
    const swept = bench.crop(x, [n, h, w, ci])

    const images = swapImagesAndChannels(bench, swept, [n, h, w, ci])
    const byImage = bench.transpose(bench.view(dy, [n, oh * ow, co]), [1, 0, 2])
    const gradient = bench.convolve(images, bench.view(byImage, [oh, ow, n, co]), {
      pad: [
        [0, 0],
        [padInfo.top, Math.max(0, below)],
        [padInfo.left, Math.max(0, right)],
        [0, 0],
      ],
      dilations: [sh, sw],
    })
    return bench.transpose(gradient, [1, 2, 0, 3])
  })
}

/** [N, H, W, Ci] → [Ci, H, W, N]. A single channel is a plain matrix transpose, which is faster. */
function swapImagesAndChannels(
  bench: Workbench,
  x: TensorInfo,
  [n, h, w, ci]: [number, number, number, number],
): TensorInfo {
  if (ci > 1) return bench.transpose(x, [3, 1, 2, 0])
  return bench.view(bench.transpose(bench.view(x, [n, h * w]), [1, 0]), [1, h, w, n])
}
