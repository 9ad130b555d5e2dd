import type { BenchMethod, BenchResult } from '../../src/cli/bench-result.js'
import type { Folded } from './graphs.js'
import type { Point } from './latency.js'
import { ENOUGH, fastestAt, levelsOf, standsFor } from './levels.js'
import { REFERENCE } from './methods/all.js'
import type { MachineFigures, ServerFigures } from './server.js'
import { ownerOf } from './tables.js'
import type { Writes } from './writes.js'

/** Figures of a method with all that was measured of it. */
export interface MethodFigures extends BenchMethod {
  /** The method whose index it asks. */
  readonly index_of: string
  /** Rows a second by each way to take in many. */
  readonly bulk: Readonly<Record<string, number>> | null
  /** Rows of the table that these came to, and their number. */
  readonly bulk_into: number | null
  /** Each graph that was built, where there were several. */
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

/** The fastest point that is good enough, else the best there is, and what the method costs besides. */
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

/** Of a method that has no index in the database, by its curve. */
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

/** The points of what all others are compared with; undefined where it was left out. */
export function referencePoints(runs: readonly Folded[]): readonly Point[] | undefined {
  return runs.find(({ name }) => name === REFERENCE)?.points
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
