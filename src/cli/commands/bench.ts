import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { BenchModule } from '../bench-result.js'
import { LshError, type LshErrorCode } from '../../core/errors.js'
import { parsePlace } from '../../store/place.js'
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
      'instead of a data set: a made up one of so many rows each, 1e4,1e5,1e6, and how figures grow',
      counts(1000),
    )
    .option('--halfvec', 'with --growth: keep vectors in half precision')
    .option('--methods <names>', 'only these, separated by commas (default: all)', list)
    .option(
      '--queries <count>',
      'queries asked of each setting, at most 1000',
      wholeNumber(1),
      1000,
    )
    .option(
      '--rows <count>',
      'only so many rows of the data set, for a quick try',
      wholeNumber(1000),
    )
    .option('--reuse', 'keep the tables in schema "bench", and use those that are there')
    .option('--rebuild <names>', 'with --reuse: build the tables of these methods anew', list, [])
    .option(
      '--small-cache',
      'one method after another, from empty caches; start the server with little memory first',
    )
    .option(
      '--graphs <count>',
      'graphs of hnsw-64 to build, which are drawn at random: the best counts',
      wholeNumber(1),
      1,
    )
    .option('--conditions', 'measure searches with a condition that 50, 10, 1 and 0.1 % pass')
    .option('--clients <counts>', 'let so many clients ask at once: 1,4,8,16', counts(1), [])
    .option('--seconds <count>', 'how long each number of clients asks', wholeNumber(1), 5)
    .option('--no-writes', 'leave out what inserts and COPY cost')
    .option('--cache <folder>', 'where data sets and exact neighbours are kept', CACHE)
    .option('--out <folder>', 'draw the curves of recall over latency there')
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
        const told = { ...rest, sizes: growth, halfvec }
        printGrowth(output, await bench.runGrowth(told, host).catch(failed))
      } else if (dataset !== undefined) {
        const told = { ...rest, dataset, ...(rows === undefined ? {} : { rows }) }
        printBench(output, await bench.runBench(told, host).catch(failed))
      }
    })
}

/**
 * What was left out is no.
 *
 * @throws LshError `bad_usage` for options that do not go together.
 */
function complete(options: BenchCommandOptions) {
  const { dataset, growth, halfvec, rows } = options
  const refuse = (message: string, hint: string) => new LshError('bad_usage', message, { hint })
  if ((dataset === undefined) === (growth === undefined))
    throw refuse(
      'benchmarks are run on a data set, or on growing ones',
      'Give either --dataset mednist or --growth 1e4,1e5,1e6.',
    )
  if (growth !== undefined && rows !== undefined)
    throw refuse('--growth says the numbers of rows by itself', 'Leave --rows out.')
  if (growth === undefined && halfvec)
    throw refuse('--halfvec goes with --growth', 'Leave it out, or measure --growth.')
  const { smallCache = false, reuse = false, conditions = false } = options
  return { ...options, smallCache, reuse, conditions }
}

const CACHE = join(tmpdir(), 'pg-lsh-bench')

/**
 * Loads the benchmarks from their TypeScript source: they are not part of the package.
 *
 * @throws LshError `bad_usage` where they, or tsx that loads them, are absent.
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
      hint: 'There: "npm ci && npm run build && npx pg-lsh bench --dataset glove".',
      cause,
    })
  }
}

/** The benchmarks load classes of their own, so that an error of theirs is no LshError here. */
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
