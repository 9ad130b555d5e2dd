import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'

/** An optional dependency, whose types may be missing; the name is in a variable so that tsc does not resolve it. */
const library = '@tensorflow/tfjs-node'

/** Starts native TensorFlow if the optional package is installed and its binary loads. */
export async function startTensorflow(): Promise<string> {
  restoreIsNullOrUndefined()
  const loaded: unknown = await import(library).catch(explain)
  if (!(await tf.setBackend('tensorflow'))) throw new Error(`${library} does not initialise`)
  return versionOf(loaded)
}

/** tfjs-node 4.22 still calls this function, which Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  if ('isNullOrUndefined' in util) return
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  })
}

function explain(error: unknown): never {
  const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
  throw new Error(missing ? `${library} is not installed` : `${library} does not load`, {
    cause: error,
  })
}

function versionOf(loaded: unknown): string {
  const version = (loaded as { version?: Record<string, string> }).version
  return version?.['tfjs-node'] ?? version?.tfjs ?? 'unknown'
}
