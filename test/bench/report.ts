import type { BenchMethod, BenchResult } from '../../src/cli/commands/bench.js'
import type { Point } from './latency.js'
import type { MachineFigures, ServerFigures } from './server.js'
import type { Built } from './tables.js'
import type { Writes } from './writes.js'

/** Figures of a method with all that was measured of it. */
export interface MethodFigures extends BenchMethod {
  /** Rows a second by each way to take in many. */
  readonly bulk: Readonly<Record<string, number>> | null
  /** Rows of the table that these came to, and their number. */
  readonly bulk_into: number | null
}

/** What `--json` prints. */
export interface Report extends BenchResult {
  readonly title: string
  readonly k: number
  readonly small_cache: boolean
  readonly server: ServerFigures
  readonly machine: MachineFigures
  readonly methods: readonly MethodFigures[]
}

/** Recall that a method has to reach where one point stands for its curve. */
const ENOUGH = 0.95

/** The cheapest point that is good enough, else the best there is, and what the method costs besides. */
export function figuresOf(
  name: string,
  built: Built,
  curve: readonly Point[],
  writes: Writes | undefined,
): MethodFigures {
  const byLatency = [...curve].sort((a, b) => a.p50_ms - b.p50_ms)
  const byRecall = [...curve].sort((a, b) => b.recall_at_10 - a.recall_at_10)
  const point = byLatency.find(({ recall_at_10 }) => recall_at_10 >= ENOUGH) ?? byRecall[0]
  return {
    name,
    ...(point ?? { setting: '', recall_at_10: NaN, p50_ms: NaN, p95_ms: NaN }),
    build_s: built.build_s,
    index_bytes: built.index_bytes,
    inserts_per_s: writes?.inserts_per_s ?? null,
    bulk_rows_per_s: writes?.bulk_rows_per_s ?? null,
    bulk: writes?.bulk ?? null,
    bulk_into: writes?.bulk_into ?? null,
    curve,
  }
}

/** What the figures were measured on, for below a title. */
export function subtitle(report: Omit<Report, 'files'>): string {
  const { server, queries, rows, small_cache } = report
  const limit =
    server.memory_limit === null ? '' : `, memory ${Math.round(server.memory_limit / 2 ** 20)} MB`
  return (
    `${rows} rows, ${queries} queries, one connection; PostgreSQL ${server.version.split(' ')[0] ?? ''}, ` +
    `pgvector ${server.pgvector}, shared_buffers ${server.settings.shared_buffers ?? '?'}` +
    (small_cache ? `${limit}, caches dropped` : '')
  )
}
