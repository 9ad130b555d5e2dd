import type { BenchPoint } from '../../src/cli/bench-result.js'
import { permutation, random } from '../../src/core/random.js'
import { vectorDistance } from '../../src/core/vector.js'
import { row, type Vectors } from './datasets/dataset.js'
import { K, type Found, type Setting, type Subject } from './methods/method.js'
import { quantile } from './quantile.js'
import type { Truth } from './truth.js'

export type Point = BenchPoint

/** A point, and the number of queries that returned too few rows. */
export interface Measured extends Point {
  readonly short: number
}

/** A measurement to make: one setting on one table. */
export interface Question {
  readonly method: string
  readonly subject: Subject
  readonly setting: Setting
  /** Whether a sequential scan of the table is expected; if never, one is reported. */
  readonly scan: 'never' | 'maybe' | 'always'
  /** Limit of the number of queries. (Default: all) */
  readonly queries?: number
  /** The true neighbours if a condition excludes rows. (Default: those among all rows) */
  readonly truth?: Truth
  /** Whether a row may be found. (Default: all rows) */
  readonly passes?: (id: number) => boolean
}

export interface LatencyOptions {
  /** Queries of each setting. */
  queries: number
  /** Called before each method, to empty caches; methods then run one by one. (Default: all are interleaved) */
  alone?: () => Promise<void>
  say: (text: string) => void
  signal: AbortSignal
}

/** Consecutive queries of a setting before the next one. */
const BLOCK = 25
/** Unmeasured queries at the start: plans become generic after five, and caches fill. */
const WARM = 50
/** Unmeasured queries before each block, since the previous method has filled the processor's caches. */
const REWARM = 5

interface Run extends Question {
  readonly truth: Truth
  /** Name of the prepared statement. */
  readonly statement: string
  /** Every `stride`-th query runs. */
  readonly stride: number
  readonly milliseconds: number[]
  hits: number
  short: number
}

interface Asked {
  readonly vectors: Vectors
  /** The queries in pgvector's text form, prepared beforehand. */
  readonly texts: readonly string[]
}

/** Counts rounds, so that names of prepared statements are unique. */
let rounds = 0

/**
 * Measures settings on one connection; returns points in the order of the settings. Settings take turns in blocks of
 * queries, so that temporary load on the machine affects all of them.
 */
export async function measureLatencies(
  questions: readonly Question[],
  vectors: Vectors,
  truth: Truth,
  options: LatencyOptions,
): Promise<Measured[]> {
  const { queries, alone, say } = options
  const texts = Array.from({ length: queries }, (_, i) => `[${row(vectors.queries, i).join(',')}]`)
  const asked = { vectors, texts }
  const round = rounds++
  const runs = questions.map((question, i): Run => {
    const stride = Math.max(1, Math.ceil(queries / (question.queries ?? queries)))
    const statement = `bench_${round}_${i}`
    return { truth, ...question, statement, stride, milliseconds: [], hits: 0, short: 0 }
  })
  if (alone) {
    for (const method of new Set(questions.map(({ method }) => method))) {
      await alone()
      say(`asking ${queries} queries of ${method}`)
      await ask(
        runs.filter((run) => run.method === method),
        asked,
        options,
      )
    }
  } else {
    say(`asking ${queries} queries of ${runs.length} settings in turn`)
    await ask(runs, asked, options)
  }
  return runs.map(pointOf)
}

async function ask(runs: readonly Run[], asked: Asked, options: LatencyOptions) {
  const { queries, say, signal } = options
  const scanned = new Map<string, string[]>()
  for (const run of runs) {
    await enter(run)
    if (await scans(run, asked))
      scanned.set(run.method, [...(scanned.get(run.method) ?? []), run.setting.name])
    for (let i = 0; i < Math.min(WARM, queries); i += run.stride)
      await answer(run, asked, queries - 1 - i)
  }
  for (const [method, settings] of scanned)
    say(`${method}: the planner scans the table at ${settings.join(', ')}`)
  const blocks = Math.ceil(queries / BLOCK)
  const order = random(1)
  for (let turn = 0; turn < blocks; turn++) {
    // The order changes each time, so that no setting always follows the same one.
    for (const r of permutation(runs.length, order)) {
      signal.throwIfAborted()
      // Settings are at different queries, so that none profits from pages that another has just read.
      const block = (turn + Math.floor((r * blocks) / runs.length)) % blocks
      await askBlock(runs[r]!, block * BLOCK, asked)
    }
  }
}

async function askBlock(run: Run, from: number, asked: Asked): Promise<void> {
  const { texts } = asked
  const { stride } = run
  await enter(run)
  // Warms up with earlier queries. A scan does not profit from that.
  for (let i = 1; i <= REWARM && run.scan !== 'always'; i++)
    await answer(run, asked, (from - i + texts.length) % texts.length)
  const end = Math.min(from + BLOCK, texts.length)
  for (let i = Math.ceil(from / stride) * stride; i < end; i += stride) {
    const begin = performance.now()
    const found = await answer(run, asked, i)
    run.milliseconds.push(performance.now() - begin)
    score(run, found, i, asked)
  }
}

async function enter({ subject, setting }: Run): Promise<void> {
  if ('ask' in setting) return
  for (const statement of setting.session) await subject.client.query(statement)
}

async function answer(
  run: Run,
  { texts, vectors }: Asked,
  query: number,
): Promise<readonly Found[]> {
  const { setting, statement, subject } = run
  const vector = row(vectors.queries, query)
  if ('ask' in setting) return setting.ask(vector)
  const values = [...setting.values(texts[query]!, vector)]
  const { rows } = await subject.client.query<Found>({
    name: statement,
    text: setting.text,
    values,
  })
  return rows
}

/** Whether the planner ignores the index, so that the curve would be that of a sequential scan. */
async function scans(run: Run, { texts, vectors }: Asked): Promise<boolean> {
  const { scan, setting, subject } = run
  if (scan !== 'never' || 'ask' in setting) return false
  const { rows } = await subject.client.query<{ 'QUERY PLAN': string }>(
    `explain (analyze, timing off, costs off) ${setting.text}`,
    [...setting.values(texts[0]!, row(vectors.queries, 0))],
  )
  return rows
    .map((line) => line['QUERY PLAN'])
    .some(
      (line) => line.includes(`Seq Scan on ${subject.name}`) && !line.includes('never executed'),
    )
}

/** Counts hits: rows at most as far as the k-th true neighbour, so that ties are not misses. */
function score(run: Run, found: readonly Found[], query: number, { vectors }: Asked): void {
  const { depth, distances } = run.truth
  const wanted = row(vectors.queries, query)
  const k = Math.min(K, depth)
  const limit = distances[query * depth + k - 1] ?? -1
  const passing = found.map(({ id }) => Number(id)).filter((id) => run.passes?.(id) ?? true)
  run.hits += passing.filter((id) => vectorDistance(row(vectors.base, id), wanted) <= limit).length
  if (passing.length < k) run.short++
}

function pointOf({ setting, milliseconds, hits, short, truth }: Run): Measured {
  const ordered = Float64Array.from(milliseconds).sort()
  return {
    setting: setting.name,
    recall_at_10: hits / (milliseconds.length * Math.min(K, truth.depth)),
    p50_ms: quantile(ordered, 0.5),
    p95_ms: quantile(ordered, 0.95),
    short,
  }
}
