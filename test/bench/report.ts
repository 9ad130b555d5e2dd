import type { BenchMethod, BenchResult } from '../../src/cli/bench-result.js'
import type { Folded } from './graphs.js'
import type { Point } from './latency.js'
import { ENOUGH, fastestAt, levelsOf, standsFor } from './levels.js'
import { REFERENCE } from './methods/all.js'
import type { MachineFigures, ServerFigures } from './server.js'
import { ownerOf } from './tables.js'
import type { Writes } from './writes.js'

/** Figures of a method, with all its measurements. */
export interface MethodFigures extends BenchMethod {
  /** The method whose index it searches. */
  readonly index_of: string
  /** Rows per second of each way to insert many rows. */
  readonly bulk: Readonly<Record<string, number>> | null
  /** Rows that the table had before those inserts, and at most as many were inserted. */
  readonly bulk_into: number | null
  /** All graphs if several were built. */
  readonly graphs: readonly GraphFigures[]
}

interface GraphFigures {
  readonly build_s: number
  readonly index_bytes: number
  readonly curve: readonly Point[]
}

/** What `--json` prints. */
export interface Report extends BenchResult {
  readonly title: string
  readonly k: number
  readonly small_cache: boolean
  /** Whether vectors are of type vector or halfvec. */
  readonly type: string
  readonly server: ServerFigures
  readonly machine: MachineFigures
  readonly methods: readonly MethodFigures[]
}

/** Figures of a method: its fastest point of sufficient recall, else that of the best recall, and its costs. */
export function figuresOf(
  run: Folded,
  reference: readonly Point[] | undefined,
  writes: Writes | undefined,
): MethodFigures {
  const { name, prepared, curve, points, graphs, untouched } = run
  const { built, method } = prepared
  const best = fastestAt(points, ENOUGH)
  const ratio_to_best = untouched && best ? untouched.p50_ms / best.p50_ms : null
  return {
    name,
    index_of: method.of ? ownerOf(method) : name,
    ...(standsFor(points) ?? NOTHING),
    build_s: built.build_s,
    index_bytes: built.index_bytes,
    memory: built.memory,
    inserts_per_s: writes?.inserts_per_s ?? null,
    bulk_rows_per_s: writes?.bulk_rows_per_s ?? null,
    bulk: writes?.bulk ?? null,
    bulk_into: writes?.bulk_into ?? null,
    curve,
    levels: levelsOf(points, reference),
    defaults: untouched && { ...untouched, ratio_to_best },
    graphs:
      graphs.length > 1
        ? graphs.map(({ curve, prepared: { built } }) => ({
            build_s: built.build_s,
            index_bytes: built.index_bytes,
            curve,
          }))
        : [],
  }
}

/** Figures of a method outside of the database, from its curve. */
export function outsideFigures(
  name: string,
  built: { build_s: number; index_bytes: number },
  curve: readonly Point[],
  reference: readonly Point[] | undefined,
): MethodFigures {
  return {
    name,
    index_of: name,
    ...(standsFor(curve) ?? NOTHING),
    ...built,
    memory: null,
    inserts_per_s: null,
    bulk_rows_per_s: null,
    bulk: null,
    bulk_into: null,
    curve,
    levels: levelsOf(curve, reference),
    defaults: null,
    graphs: [],
  }
}

const NOTHING = { setting: '', recall_at_10: NaN, p50_ms: NaN, p95_ms: NaN }

/** The points of the reference method; undefined if it was not measured. */
export function referencePoints(runs: readonly Folded[]): readonly Point[] | undefined {
  return runs.find(({ name }) => name === REFERENCE)?.points
}

/** Data and server of the measurements, as a subtitle. */
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
