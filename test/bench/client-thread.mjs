// Threads are not given the loader of TypeScript that the benchmarks are run by.
import { parentPort, workerData } from 'node:worker_threads'
import { tsImport } from 'tsx/esm/api'
import { benchEngine } from '../../dist/cli/bench-engine.js'

const { askAtOnce } = await tsImport('./client-thread.ts', import.meta.url)
await askAtOnce(workerData, benchEngine, parentPort)
