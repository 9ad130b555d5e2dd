import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core'
import type {
  BatchMatMulAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  KernelConfig,
  KernelFunc,
  TensorInfo,
} from '@tensorflow/tfjs-core'
import { LshError } from '../../core/errors.js'
import { filterGradient } from './wasm-filter-gradient.js'
import { inputGradient } from './wasm-input-gradient.js'
import { transposedProduct } from './wasm-matmul.js'
import { openWorkshop, wasmKernel } from './wasm-workbench.js'
import type { DataOwner } from './wasm-workbench.js'

let registered = false

/**
 * Adds to the WebAssembly back end of TensorFlow.js 4.22 what the training of convolutions needs: it has no gradient by
 * the filter, slow gradients by the input and for dense layers, and a wrong one for the maximum pool. Everything is
 * built from existing kernels. Call it once, after the back end is loaded.
 */
export function registerTrainingKernels(): void {
  if (registered) return
  const compute = openWorkshop()
  const plainInputGradient = wasmKernel('Conv2DBackpropInput')
  const plainProduct = wasmKernel('BatchMatMul')

  replace('Conv2DBackpropFilter', ({ inputs, backend, attrs }) =>
    filterGradient(
      inputs.x as TensorInfo,
      inputs.dy as TensorInfo,
      attrs as unknown as Conv2DBackpropFilterAttrs,
      { compute, owner: backend as DataOwner },
    ),
  )
  replace('Conv2DBackpropInput', (call) => {
    const { inputs, backend, attrs } = call
    const gradient = inputGradient(
      inputs.dy as TensorInfo,
      inputs.filter as TensorInfo,
      attrs as unknown as Conv2DBackpropInputAttrs,
      { compute, owner: backend as DataOwner },
    )
    return gradient ?? plainInputGradient(call)
  })
  replace('BatchMatMul', (call) => {
    const { inputs, backend, attrs } = call
    const product = transposedProduct(
      inputs.a as TensorInfo,
      inputs.b as TensorInfo,
      attrs as unknown as BatchMatMulAttrs,
      { compute, owner: backend as DataOwner },
    )
    return product ?? plainProduct(call)
  })
  // The kernel uses the smallest positive float as minus infinity, so that a window of negative
  // numbers silently gets no gradient. An error is better than a wrong gradient.
  replace('MaxPoolGrad', () => {
    throw new LshError('backend', 'the wasm back end computes a wrong gradient of maxPool', {
      hint: 'Use strided convolutions or averagePooling2d in the architecture.',
    })
  })
  registered = true
}

function replace(kernelName: string, kernelFunc: KernelFunc): void {
  const old = getKernel(kernelName, 'wasm') as KernelConfig | undefined
  if (old !== undefined) unregisterKernel(kernelName, 'wasm')
  registerKernel({ ...old, kernelName, backendName: 'wasm', kernelFunc })
}
