import { LshError } from '../../core/errors.js'

/** A tensor of the runtime. */
export interface OnnxTensor {
  readonly type: string
  readonly data: unknown
  readonly dims: readonly number[]
}

/** What a model says of an input or an output; lengths that are open have names, or are not numbers. */
export interface OnnxValue {
  readonly name: string
  readonly isTensor: boolean
  readonly type?: string
  readonly shape?: readonly (number | string)[]
}

/** A model that is loaded. */
export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValue[]
  readonly outputMetadata: readonly OnnxValue[]
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OnnxTensor>>>
  release(): Promise<void>
}

/** What is used of ONNX Runtime: the same in both of its packages. */
export interface OnnxRuntime {
  readonly env: { readonly wasm?: { numThreads?: number }; logLevel?: string }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Readonly<Record<string, unknown>>): Promise<OnnxSession>
  }
}

/** Native code first; WebAssembly installs everywhere. Types of neither are needed: tsc must not look. */
const PACKAGES: readonly string[] = ['onnxruntime-node', 'onnxruntime-web']

let opening: Promise<OnnxRuntime> | undefined

/**
 * Loads ONNX Runtime once, with one thread for a model: several models run side by side.
 *
 * @throws LshError `backend` where neither package is installed, or what is installed does not load
 */
export function onnxRuntime(): Promise<OnnxRuntime> {
  opening ??= firstOf(PACKAGES).catch((error: unknown) => {
    // Whoever installs it need not start this process again.
    opening = undefined
    throw error
  })
  return opening
}

/** @param packages names of packages, the best first */
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
