import * as tf from '@tensorflow/tfjs-core'
import { LshError } from '../../core/errors.js'
import { startTensorflow } from './backend-tensorflow.js'
import { startWasm } from './backend-wasm.js'
import { proveTraining } from './backend-proof.js'

export type BackendName = 'tensorflow' | 'wasm' | 'cpu'

/** The running numerical back end. */
export interface BackendInfo {
  readonly name: BackendName
  /** Version of the library behind it. */
  readonly version: string
  /** Why this back end was chosen, and why faster ones did not start. */
  readonly reason: string
  /** Whether training takes hours instead of minutes. */
  readonly slow: boolean
}

export interface StartBackendOptions {
  /** Back end to try first. (Default: the fastest that works, of tensorflow, wasm, cpu) */
  prefer?: BackendName
}

const order: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu']

/** Each returns the version of the back end that it started, and throws if it cannot start. */
const starts: Record<BackendName, () => Promise<string>> = {
  tensorflow: startTensorflow,
  wasm: startWasm,
  cpu: startCpu,
}

const described: Record<BackendName, string> = {
  tensorflow: 'native TensorFlow (tfjs-node)',
  wasm: 'WebAssembly, one thread',
  cpu: 'plain JavaScript, about 150 times slower than WebAssembly',
}

let running: Promise<BackendInfo> | undefined

/**
 * Starts the numerical back end of this process (or worker thread) once; later calls return the same result. Only a
 * call that prefers another back end switches to it.
 */
export async function startBackend(options: StartBackendOptions = {}): Promise<BackendInfo> {
  const { prefer } = options
  const before = running
  // Chained, so that two concurrent calls do not start two back ends.
  const next = (before ?? Promise.resolve(null)).then(
    (info) => (info !== null && (prefer ?? info.name) === info.name ? info : choose(prefer)),
    () => choose(prefer),
  )
  running = next
  return next
}

async function choose(prefer?: BackendName): Promise<BackendInfo> {
  const candidates = prefer ? [prefer, ...order.filter((name) => name !== prefer)] : order
  const missing: string[] = []
  for (const name of candidates) {
    try {
      const version = await starts[name]()
      proveTraining()
      const wanted = name === prefer ? ', as asked' : ''
      const reason = [`${described[name]}${wanted}`, ...missing].join('; ')
      return { name, version, reason, slow: name === 'cpu' }
    } catch (error) {
      missing.push(`no ${name}: ${firstLine(error)}`)
    }
  }
  throw new LshError('backend', `cannot start a numerical back end: ${missing.join('; ')}`, {
    hint: 'Run "npm ci" again, so that the @tensorflow packages are complete.',
  })
}

async function startCpu(): Promise<string> {
  const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu')
  // Suppresses the advice to install tfjs-node; callers get `slow` and `reason` instead.
  tf.enableProdMode()
  if (!(await tf.setBackend('cpu'))) throw new Error('it does not initialise')
  return version
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0] as string
}
