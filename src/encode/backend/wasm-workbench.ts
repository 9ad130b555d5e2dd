import { getKernel, util } from '@tensorflow/tfjs-core'
import type { KernelConfig, KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import { LshError } from '../../core/errors.js'

/** The part of the WebAssembly back end that the kernels of this folder use. */
export interface DataOwner {
  disposeData(dataId: object): unknown
}

/** Zeros to add before and after each axis. */
export type Paddings = readonly (readonly [before: number, after: number])[]

/**
 * Existing kernels of the WebAssembly back end as plain functions. Their results belong to the workbench and are freed
 * with it; `view` shares the data under another shape.
 */
export interface Workbench {
  transpose(x: TensorInfo, order: number[]): TensorInfo
  pad(x: TensorInfo, paddings: Paddings): TensorInfo
  /** The first `size` elements of each axis. */
  crop(x: TensorInfo, size: number[]): TensorInfo
  reverse(x: TensorInfo, axes: number[]): TensorInfo
  view(x: TensorInfo, shape: number[]): TensorInfo
  /** Convolution with stride 1 (NHWC), explicit zero padding and optional dilation. */
  convolve(x: TensorInfo, filter: TensorInfo, options: ConvolveOptions): TensorInfo
  multiply(a: TensorInfo, b: TensorInfo): TensorInfo
}

export interface ConvolveOptions {
  /** Zero padding of the axes N, H, W, C. */
  pad: Paddings
  /** Distance between neighbouring filter taps, vertical and horizontal. (Default: [1, 1]) */
  dilations?: [number, number]
}

/** The function behind a kernel of the WebAssembly back end. */
export function wasmKernel(name: string): KernelFunc {
  // The declared type omits that a kernel may be missing.
  const kernel = getKernel(name, 'wasm') as KernelConfig | undefined
  if (kernel === undefined) {
    throw new LshError('backend', `the wasm back end has no kernel ${name}`, {
      hint: 'Install the version of @tensorflow/tfjs-backend-wasm that package.json names.',
    })
  }
  return kernel.kernelFunc
}

/**
 * Returns a function that runs work with the kernels registered now. They are looked up once, so that a replaced kernel
 * calls the original and not itself.
 */
export function openWorkshop() {
  const kernels = new Map(
    ['Transpose', 'PadV2', 'Slice', 'Reverse', 'Conv2D', 'BatchMatMul'].map((name) => [
      name,
      wasmKernel(name),
    ]),
  )

  /** Runs the work; frees all that it created except its result, and everything if it fails. */
  return function compute(owner: DataOwner, work: (bench: Workbench) => TensorInfo): TensorInfo {
    const made: TensorInfo[] = []
    const call = (name: string, inputs: Record<string, TensorInfo>, attrs: object) => {
      const kernel = kernels.get(name) as KernelFunc
      const out = kernel({ inputs, backend: owner, attrs: attrs as NamedAttrMap }) as TensorInfo
      made.push(out)
      return out
    }
    const free = (except?: TensorInfo) => {
      for (const tensor of made) {
        if (tensor.dataId !== except?.dataId) owner.disposeData(tensor.dataId)
      }
    }
    const bench: Workbench = {
      transpose: (x, perm) => call('Transpose', { x }, { perm }),
      pad: (x, paddings) =>
        paddings.every(([before, after]) => before === 0 && after === 0)
          ? x
          : call('PadV2', { x }, { paddings, constantValue: 0 }),
      crop: (x, size) =>
        util.arraysEqual(size, x.shape)
          ? x
          : call('Slice', { x }, { begin: size.map(() => 0), size }),
      reverse: (x, dims) => call('Reverse', { x }, { dims }),
      view: (x, shape) => ({ dataId: x.dataId, shape, dtype: x.dtype }),
      convolve: (x, filter, { pad, dilations = [1, 1] }) =>
        call(
          'Conv2D',
          { x, filter },
          { strides: [1, 1], pad, dilations, dataFormat: 'NHWC', dimRoundingMode: null },
        ),
      multiply: (a, b) => call('BatchMatMul', { a, b }, { transposeA: false, transposeB: false }),
    }
    try {
      const result = work(bench)
      free(result)
      return result
    } catch (error) {
      free()
      throw error
    }
  }
}

/** A function that computes one tensor with the kernels of the back end. */
export type Compute = ReturnType<typeof openWorkshop>
