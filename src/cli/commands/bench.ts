import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { BenchEngine } from '../bench-engine.js'
import { LshError, type LshErrorCode } from '../../core/errors.js'
import { parsePlace } from '../../store/place.js'
import { contextOf } from '../context.js'
import { wholeNumber } from '../options.js'
import type { Output } from '../output.js'

/** What `test/bench/run.ts` is told. */
export interface BenchOptions {
  dataset: string
  methods?: readonly string[]
  rebuild: readonly string[]
  queries: number
  rows?: number
  reuse: boolean
  smallCache: boolean
  writes: boolean
  cache: string
  out?: string
}

export interface BenchHost {
  /** URL of the server. */
  readonly place: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  readonly engine: BenchEngine
}

interface BenchPoint {
  readonly setting: string
  readonly recall_at_10: number
  readonly p50_ms: number
  readonly p95_ms: number
}

/** Figures of a method; those of a query are at its cheapest setting that finds 95 of 100 neighbours. */
export interface BenchMethod extends BenchPoint {
  readonly name: string
  readonly build_s: number
  readonly index_bytes: number
  readonly inserts_per_s: number | null
  readonly bulk_rows_per_s: number | null
  readonly curve: readonly BenchPoint[]
}

export interface BenchResult {
  readonly dataset: string
  readonly rows: number
  readonly dims: number
  readonly queries: number
  readonly methods: readonly BenchMethod[]
  /** Pictures that were written. */
  readonly files: readonly string[]
}

/** What `test/bench/run.ts` exports. */
export interface BenchModule {
  readonly runBench: (options: BenchOptions, host: BenchHost) => Promise<BenchResult>
}

interface BenchCommandOptions {
  dataset: string
  methods?: string[]
  rebuild: string[]
  queries: number
  rows?: number
  reuse?: boolean
  smallCache?: boolean
  writes: boolean
  cache: string
  out?: string
}

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description(
      'measure this package beside the indexes of pgvector, on a server; runs in a checkout of the repository',
    )
    .requiredOption('--dataset <name>', 'glove, mednist, manifold-1m or manifold-768')
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
      const { runBench } = await loadBench(new URL('../../../test/bench/run.ts', import.meta.url))
      const { smallCache = false, reuse = false, ...rest } = options
      const say = (text: string) => output.say(text)
      const { benchEngine: engine } = await import('../bench-engine.js')
      const host = { place, say, signal, engine }
      const result = await runBench({ ...rest, smallCache, reuse }, host).catch(
        (error: unknown) => {
          throw ownError(error)
        },
      )
      printResult(output, result)
    })
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

function printResult(output: Output, result: BenchResult): void {
  const methods = result.methods.map((method) => ({
    ...method,
    megabytes: method.index_bytes / 1e6,
    inserts: rounded(method.inserts_per_s),
    bulk: rounded(method.bulk_rows_per_s),
  }))
  output.table(methods, [
    { key: 'name', label: 'method' },
    'setting',
    { key: 'recall_at_10', label: 'recall@10' },
    { key: 'p50_ms', label: 'p50 ms', digits: 2 },
    { key: 'p95_ms', label: 'p95 ms', digits: 2 },
    { key: 'build_s', label: 'build s', digits: 1 },
    { key: 'megabytes', label: 'MB', digits: 1 },
    { key: 'inserts', label: 'inserts/s' },
    { key: 'bulk', label: 'bulk rows/s' },
  ])
  for (const file of result.files) output.say(`wrote ${file}`)
  output.result(result)
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value)
}

function list(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}
