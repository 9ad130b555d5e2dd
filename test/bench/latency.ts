import { permutation, random } from '../../src/core/random.js'
import { vectorDistance } from '../../src/core/vector.js'
import { row, type Vectors } from './datasets/dataset.js'
import { K, type Setting } from './methods/method.js'
import type { Prepared } from './prepare.js'
import type { Truth } from './truth.js'

/** A point of a curve. */
export interface Point {
  readonly setting: string
  readonly recall_at_10: number
  readonly p50_ms: number
  readonly p95_ms: number
}

export interface LatencyOptions {
  /** Queries asked of each setting. */
  queries: number
  /** Called before each round over a method, to start it with empty caches. (Default: all are interleaved) */
  alone?: () => Promise<void>
  say: (text: string) => void
  signal: AbortSignal
}

/** Queries in a row of one setting, before the next has its turn. */
const BLOCK = 25
/** Unmeasured queries before: plans are made generic after five, and caches filled. */
const WARM = 50
/** And so many at each turn: whoever follows another method finds the processor's caches full of that one. */
const REWARM = 5

interface Run {
  readonly prepared: Prepared
  readonly setting: Setting
  /** Name of the prepared statement. */
  readonly statement: string
  /** One query of so many is asked. */
  readonly stride: number
  readonly milliseconds: number[]
  hits: number
}

interface Questions {
  readonly vectors: Vectors
  readonly truth: Truth
  /** The queries as pgvector reads them, made before the clock runs. */
  readonly texts: readonly string[]
}

/**
 * The curve of each method, by one connection. Settings take turns in blocks of queries, so that a
 * machine that is busy for a while is busy for all of them.
 */
export async function measureLatencies(
  methods: readonly Prepared[],
  vectors: Vectors,
  truth: Truth,
  options: LatencyOptions,
): Promise<Map<string, Point[]>> {
  const { queries, alone, say } = options
  const texts = Array.from({ length: queries }, (_, i) => `[${row(vectors.queries, i).join(',')}]`)
  const questions = { vectors, truth, texts }
  const runs: Run[][] = []
  for (const [i, prepared] of methods.entries()) runs.push(await runsOf(prepared, i, queries))
  if (alone) {
    for (const group of runs) {
      await alone()
      say(`asking ${queries} queries of ${group[0]?.prepared.method.name ?? ''}`)
      await ask(group, questions, options)
    }
  } else {
    say(`asking ${queries} queries of ${runs.flat().length} settings in turn`)
    await ask(runs.flat(), questions, options)
  }
  return new Map(runs.map((group, i) => [methods[i]!.method.name, group.map(pointOf)]))
}

async function runsOf(prepared: Prepared, at: number, queries: number): Promise<Run[]> {
  const { method, subject } = prepared
  const stride = Math.max(1, Math.ceil(queries / (method.queries ?? queries)))
  const settings = await method.settings(subject)
  return settings.map((setting, j) => {
    return { prepared, setting, stride, statement: `bench_${at}_${j}`, milliseconds: [], hits: 0 }
  })
}

async function ask(runs: readonly Run[], questions: Questions, options: LatencyOptions) {
  const { queries, say, signal } = options
  for (const run of runs) {
    await enter(run)
    await warnOfScan(run, questions, say)
    for (let i = 0; i < Math.min(WARM, queries); i += run.stride)
      await answer(run, questions, queries - 1 - i)
  }
  const blocks = Math.ceil(queries / BLOCK)
  const order = random(1)
  for (let turn = 0; turn < blocks; turn++) {
    // In another order each time, so that none always follows the same one.
    for (const r of permutation(runs.length, order)) {
      signal.throwIfAborted()
      // And each at another place: what one has read, the next would find in memory.
      const block = (turn + Math.floor((r * blocks) / runs.length)) % blocks
      await askBlock(runs[r]!, block * BLOCK, questions)
    }
  }
}

async function askBlock(run: Run, from: number, questions: Questions): Promise<void> {
  const { texts } = questions
  const { stride } = run
  await enter(run)
  // Some that this setting was asked before. What is asked few queries is a scan, which gains nothing.
  for (let i = 1; i <= REWARM && stride === 1; i++)
    await answer(run, questions, (from - i + texts.length) % texts.length)
  const end = Math.min(from + BLOCK, texts.length)
  for (let i = Math.ceil(from / stride) * stride; i < end; i += stride) {
    const begin = performance.now()
    const { rows } = await answer(run, questions, i)
    run.milliseconds.push(performance.now() - begin)
    run.hits += hits(rows, i, questions)
  }
}

async function enter({ prepared, setting }: Run): Promise<void> {
  for (const statement of setting.session) await prepared.subject.client.query(statement)
}

function answer({ prepared, setting, statement }: Run, questions: Questions, query: number) {
  return prepared.subject.client.query<{ id: number | string }>({
    name: statement,
    text: setting.text,
    values: valuesOf(setting, questions, query),
  })
}

function valuesOf(setting: Setting, { texts, vectors }: Questions, query: number): unknown[] {
  return [...setting.values(texts[query]!, row(vectors.queries, query))]
}

/** A planner that passes the index over would have the curve be that of a scan. */
async function warnOfScan(run: Run, questions: Questions, say: LatencyOptions['say']) {
  const { method, subject } = run.prepared
  if (!method.indexed) return
  const { rows } = await subject.client.query<{ 'QUERY PLAN': string }>(
    `explain (analyze, timing off, costs off) ${run.setting.text}`,
    valuesOf(run.setting, questions, 0),
  )
  const scans = rows
    .map((line) => line['QUERY PLAN'])
    .filter((line) => line.includes(`Seq Scan on ${subject.name}`))
  if (scans.some((line) => !line.includes('never executed')))
    say(`${method.name} ${run.setting.name}: the planner scans the table`)
}

/** A row as near as the k-th true neighbour is one, whatever its number: ties are no misses. */
function hits(
  rows: readonly { id: number | string }[],
  query: number,
  { vectors, truth }: Questions,
): number {
  const limit = truth.distances[query * truth.depth + K - 1]!
  const wanted = row(vectors.queries, query)
  return rows.filter(({ id }) => vectorDistance(row(vectors.base, Number(id)), wanted) <= limit)
    .length
}

function pointOf({ setting, milliseconds, hits }: Run): Point {
  const ordered = Float64Array.from(milliseconds).sort()
  return {
    setting: setting.name,
    recall_at_10: hits / (milliseconds.length * K),
    p50_ms: quantile(ordered, 0.5),
    p95_ms: quantile(ordered, 0.95),
  }
}

/** The smallest value that is not below so large a share of all. */
export function quantile(ordered: Float64Array, share: number): number {
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? NaN
}
