import { LshError } from '../../core/errors.js'

/** A tensor of the runtime. */
export interface OnnxTensor {
  readonly type: string
  readonly data: unknown
  readonly dims: readonly number[]
}

/** Metadata of an input or output; open lengths are names or not numbers. */
export interface OnnxValue {
  readonly name: string
  readonly isTensor: boolean
  readonly type?: string
  readonly shape?: readonly (number | string)[]
}

/** A loaded model. */
export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValue[]
  readonly outputMetadata: readonly OnnxValue[]
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OnnxTensor>>>
  release(): Promise<void>
}

/** The part of ONNX Runtime that is used, common to both of its packages. */
export interface OnnxRuntime {
  readonly env: { readonly wasm?: { numThreads?: number }; logLevel?: string }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Readonly<Record<string, unknown>>): Promise<OnnxSession>
  }
}

/** Native code first; WebAssembly installs everywhere. The names are strings so that tsc does not resolve them. */
const PACKAGES: readonly string[] = ['onnxruntime-node', 'onnxruntime-web']

let opening: Promise<OnnxRuntime> | undefined

/**
 * Loads ONNX Runtime once, with one thread per model, because several models run in parallel.
 *
 * @throws LshError `backend` if neither package is installed, or the installed one does not load
 */
export function onnxRuntime(): Promise<OnnxRuntime> {
  opening ??= firstOf(PACKAGES).catch((error: unknown) => {
    // Cleared, so that a later installation is found without a restart.
    opening = undefined
    throw error
  })
  return opening
}

/** @param packages names of packages, in order of preference */
export async function firstOf(packages: readonly string[]): Promise<OnnxRuntime> {
  const causes: unknown[] = []
  for (const name of packages)
    try {
      const loaded = (await import(name)) as OnnxRuntime & { default?: OnnxRuntime }
      const runtime = loaded.default ?? loaded
      if (runtime.env.wasm) runtime.env.wasm.numThreads = 1
      return runtime
    } catch (cause) {
      causes.push(cause)
    }
  const missing = causes.every(
    (cause) => (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND',
  )
  throw new LshError(
    'backend',
    missing
      ? 'models in ONNX are computed by ONNX Runtime, which is not installed'
      : 'ONNX Runtime does not load on this machine',
    {
      hint: 'Install it: "npm install onnxruntime-web", or "npm install onnxruntime-node", which is faster and loads further files where there is a graphics card.',
      cause: causes.at(-1),
    },
  )
}
