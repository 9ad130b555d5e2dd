import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { BenchModule } from '../bench-result.js'
import { LshError, type LshErrorCode } from '../../core/errors.js'
import { parsePlace } from '../../store/connection/place.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import { printBench, printGrowth } from '../steps/print-bench.js'

interface BenchCommandOptions {
  dataset?: string
  growth?: number[]
  halfvec?: boolean
  methods?: string[]
  rebuild: string[]
  queries: number
  rows?: number
  reuse?: boolean
  smallCache?: boolean
  writes: boolean
  cache: string
  out?: string
  graphs: number
  conditions?: boolean
  clients: number[]
  seconds: number
}

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description(
      'measure this package beside the indexes of pgvector, on a server; runs in a checkout of the repository',
    )
    .option('--dataset <name>', 'glove, mednist, manifold-1m or manifold-768')
    .option(
      '--growth <rows>',
      'instead of a data set, measure synthetic ones of these sizes: 1e4,1e5,1e6',
      counts(1000),
    )
    .option('--halfvec', 'with --growth: keep vectors in half precision')
    .option('--methods <names>', 'methods to measure, separated by commas (default: all)', list)
    .option('--queries <count>', 'queries for each setting, at most 1000', wholeNumber(1), 1000)
    .option(
      '--rows <count>',
      'number of rows of the data set to use, for a quick look',
      wholeNumber(1000),
    )
    .option('--reuse', 'keep the tables in schema "bench" and reuse existing ones')
    .option('--rebuild <names>', 'with --reuse: build the tables of these methods again', list, [])
    .option(
      '--small-cache',
      'measure one method after another from empty caches; start the server with little memory first',
    )
    .option(
      '--graphs <count>',
      'number of random graphs of hnsw-64 to build; the best one counts',
      wholeNumber(1),
      1,
    )
    .option('--conditions', 'measure searches with a condition that 50, 10, 1 and 0.1 % pass')
    .option('--clients <counts>', 'numbers of concurrent clients: 1,4,8,16', counts(1), [])
    .option('--seconds <count>', 'duration for each number of clients', wholeNumber(1), 5)
    .option('--no-writes', 'do not measure inserts and COPY')
    .option('--cache <folder>', 'folder for data sets and exact neighbours', CACHE)
    .option('--out <folder>', 'folder for the curves of recall against latency')
    .action(async (options: BenchCommandOptions, command: Command) => {
      const { output, place, signal } = contextOf(command)
      if (parsePlace(place).kind !== 'server') {
        throw new LshError('bad_usage', 'benchmarks need a server', {
          hint: 'Start one and give its URL: --db $(docker/debian-server.sh start).',
        })
      }
      const bench = await loadBench(new URL('../../../test/bench/run.ts', import.meta.url))
      const say = (text: string) => output.say(text)
      const { benchEngine: engine } = await import('../bench-engine.js')
      const host = { place, say, signal, engine }
      const { dataset, growth, rows, halfvec = false, ...rest } = complete(options)
      const failed = (error: unknown) => {
        throw ownError(error)
      }
      if (growth !== undefined) {
        const benchOptions = { ...rest, sizes: growth, halfvec }
        printGrowth(output, await bench.runGrowth(benchOptions, host).catch(failed))
      } else if (dataset !== undefined) {
        const benchOptions = { ...rest, dataset, ...(rows === undefined ? {} : { rows }) }
        printBench(output, await bench.runBench(benchOptions, host).catch(failed))
      }
    })
}

/**
 * Options that were not given count as false.
 *
 * @throws LshError `bad_usage` for options that exclude each other.
 */
function complete(options: BenchCommandOptions) {
  const { dataset, growth, halfvec, rows } = options
  const refuse = (message: string, hint: string) => new LshError('bad_usage', message, { hint })
  if ((dataset === undefined) === (growth === undefined))
    throw refuse(
      'benchmarks need either a data set or a list of sizes',
      'Give either --dataset mednist or --growth 1e4,1e5,1e6.',
    )
  if (growth !== undefined && rows !== undefined)
    throw refuse('--growth already sets the numbers of rows', 'Leave --rows out.')
  if (growth === undefined && halfvec)
    throw refuse('--halfvec needs --growth', 'Leave it out, or measure --growth.')
  const { smallCache = false, reuse = false, conditions = false } = options
  return { ...options, smallCache, reuse, conditions }
}

const CACHE = join(tmpdir(), 'pg-lsh-bench')

/**
 * Loads the benchmarks from their TypeScript sources, which are not part of the package.
 *
 * @throws LshError `bad_usage` if they, or tsx, which loads them, are missing.
 */
export async function loadBench(source: URL): Promise<BenchModule> {
  const path = fileURLToPath(source)
  try {
    if (!existsSync(path)) throw new Error(`${path} does not exist`)
    const { tsImport } = await import('tsx/esm/api')
    return (await tsImport(path, import.meta.url)) as BenchModule
  } catch (cause) {
    if (existsSync(path) && (cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND')
      throw cause
    throw new LshError('bad_usage', 'benchmarks run only in a checkout of the repository', {
      hint: 'Run there: "npm ci && npm run build && npx pg-lsh bench --dataset glove".',
      cause,
    })
  }
}

/** The benchmarks load their own copy of the classes, so that their errors are not instances of LshError here. */
function ownError(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'LshError') return error
  const { code, hint } = error as Error & { code: LshErrorCode; hint: string }
  return new LshError(code, error.message, { hint, cause: error })
}

function counts(least: number) {
  const whole = wholeNumber(least)
  return (text: string): number[] => list(text).map(whole)
}

function list(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}
