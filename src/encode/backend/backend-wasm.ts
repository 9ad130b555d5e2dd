import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { registerTrainingKernels } from './wasm-kernels.js'

const takenEvents = ['uncaughtException', 'unhandledRejection']

/** Starts the WebAssembly back end with the kernels for training; returns its version. */
export async function startWasm(): Promise<string> {
  const { setWasmPaths, version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm')
  // Threads are slower in Node, and sum in an order that varies between runs.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  // A path, not a URL: Node then reads the file itself, without fetch.
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(dirname(main) + sep)
  const started = await keepHandlers(() => tf.setBackend('wasm'))
  if (!started) throw new Error('its WebAssembly module does not load')
  registerTrainingKernels()
  return version
}

/**
 * Runs a start and removes the process-wide handlers that it installed: the module's loader rethrows every exception
 * and rejection of the whole process, which a library must not do.
 */
async function keepHandlers<T>(start: () => Promise<T>): Promise<T> {
  const before = takenEvents.map((event) => new Set(process.listeners(event as NodeJS.Signals)))
  try {
    return await start()
  } finally {
    takenEvents.forEach((event, i) => {
      for (const listener of process.listeners(event as NodeJS.Signals)) {
        if (!before[i]?.has(listener)) process.removeListener(event, listener)
      }
    })
  }
}
