import type { BenchCondition, BenchMethod, BenchResult, GrowthResult } from '../bench-result.js'
import type { Output } from '../output.js'

/** The figures of a run as tables, each at most 120 columns wide, and as JSON. */
export function printBench(output: Output, result: BenchResult): void {
  printMethods(output, result.methods)
  printLevels(output, result.methods)
  printDefaults(output, result.methods)
  printConditions(output, result.conditions)
  if (result.load.length > 0) {
    output.say('clients at once:')
    output.table(
      result.load.map((row) => ({ ...row, rate: Math.round(row.queries_per_s) })),
      ['method', 'setting', 'clients', { key: 'rate', label: 'queries/s' }, ...MILLISECONDS],
    )
  }
  for (const { name, reason } of result.absent) output.say(`${name} was not measured: ${reason}`)
  for (const file of result.files) output.say(`wrote ${file}`)
  output.result(result)
}

/** Figures by number of rows, and their growth. */
export function printGrowth(output: Output, result: GrowthResult): void {
  const rows = result.sizes.flatMap((size) =>
    size.methods.map((method) => ({
      ...shown(method),
      rows: size.rows,
      index: megabytes(method.index_bytes),
      node: megabytes(method.memory?.node_peak_bytes),
      server: megabytes(method.memory?.server_peak_bytes),
    })),
  )
  output.table(rows, [
    'rows',
    METHOD,
    'setting',
    RECALL,
    MILLISECONDS[0],
    { key: 'build_s', label: 'build s', digits: 1 },
    { key: 'index', label: 'MB' },
    { key: 'node', label: 'node MB' },
    { key: 'server', label: 'server MB' },
  ])
  output.say('slope of the logarithm over that of the rows:')
  output.table(result.slopes, [
    METHOD,
    { key: 'p50', label: 'p50 at recall .95', digits: 2 },
    { key: 'build', label: 'build', digits: 2 },
    { key: 'bytes', label: 'bytes', digits: 2 },
  ])
  output.result(result)
}

const RECALL = { key: 'recall_at_10', label: 'recall@10' } as const
const MILLISECONDS = [
  { key: 'p50_ms', label: 'p50 ms', digits: 2 },
  { key: 'p95_ms', label: 'p95 ms', digits: 2 },
] as const
const METHOD = { key: 'name', label: 'method' } as const
const HEAD = [METHOD, 'setting', RECALL, ...MILLISECONDS] as const

function printMethods(output: Output, methods: readonly BenchMethod[]): void {
  output.table(methods.map(shown), [
    ...HEAD,
    { key: 'build_s', label: 'build s', digits: 1 },
    { key: 'megabytes', label: 'MB', digits: 1 },
    { key: 'inserts', label: 'inserts/s' },
    { key: 'bulk', label: 'bulk/s' },
  ])
}

/** One line per method: its median at each level, and the ratio to the reference. */
function printLevels(output: Output, methods: readonly BenchMethod[]): void {
  const levels = methods[0]?.levels.map(({ level }) => level) ?? []
  const rows = methods.map(({ name, levels }) =>
    Object.fromEntries<string | number | null>([
      ['name', name],
      ...levels.flatMap(({ level, p50_ms, ratio_to_hnsw }): [string, number | null][] => [
        [`p50 ${level}`, p50_ms],
        [`ratio ${level}`, ratio_to_hnsw],
      ]),
    ]),
  )
  output.say('the fastest setting at each recall, p50 in ms, and its ratio to hnsw-64:')
  output.table(rows, [
    METHOD,
    ...levels.flatMap((level) => [
      { key: `p50 ${level}`, label: `p50 at ${level.toFixed(2)}`, digits: 2 },
      { key: `ratio ${level}`, label: '× hnsw', digits: 2 },
    ]),
  ])
}

function printDefaults(output: Output, methods: readonly BenchMethod[]): void {
  const rows = methods.flatMap(({ name, defaults }) => (defaults ? [{ name, ...defaults }] : []))
  if (rows.length === 0) return
  output.say('default settings:')
  output.table(rows, [
    METHOD,
    RECALL,
    ...MILLISECONDS,
    { key: 'ratio_to_best', label: '× best at 0.95', digits: 2 },
  ])
}

/** One line per kind of call: its median without a condition, and the ratios with conditions. */
function printConditions(output: Output, conditions: readonly BenchCondition[]): void {
  if (conditions.length === 0) return
  const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`
  const shares = [...new Set(conditions.map(({ share }) => share))].filter((share) => share < 1)
  const rows = [...new Set(conditions.map(({ door }) => door))].map((door) => {
    const own = conditions.filter((one) => one.door === door)
    return Object.fromEntries<string | number | null>([
      ['door', door],
      ['p50', own.find(({ share }) => share === 1)?.p50_ms ?? null],
      ...own.map(({ share, ratio }): [string, number] => [percent(share), ratio]),
      ['recall', Math.min(...own.map(({ recall_at_10 }) => recall_at_10))],
      ['short', own.reduce((sum, { short }) => sum + short, 0)],
    ])
  })
  output.say(
    'searches with a condition and default settings: p50 without a condition, and multiples of it by share of rows that pass:',
  )
  output.table(rows, [
    { key: 'door', label: 'called by' },
    { key: 'p50', label: 'p50 ms', digits: 2 },
    ...shares.map((share) => ({ key: percent(share), label: `× ${percent(share)}`, digits: 2 })),
    { key: 'recall', label: 'lowest recall' },
    { key: 'short', label: 'too few rows' },
  ])
}

function shown(method: BenchMethod) {
  return {
    ...method,
    megabytes: method.index_bytes / 1e6,
    inserts: rounded(method.inserts_per_s),
    bulk: rounded(method.bulk_rows_per_s),
  }
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value)
}

function megabytes(bytes: number | null | undefined): number | null {
  return rounded(bytes === undefined || bytes === null ? null : bytes / 1e6)
}
