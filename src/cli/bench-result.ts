import type { BenchEngine } from './bench-engine.js'

/** Options of `test/bench/run.ts`. */
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
  /** Graphs of the reference to build, of which the best one counts. */
  graphs: number
  /** Whether to measure searches with a condition. */
  conditions: boolean
  /** Numbers of concurrent clients to measure. */
  clients: readonly number[]
  /** Seconds per number of clients. */
  seconds: number
}

/** Options of `test/bench/growth.ts`. */
export interface GrowthOptions extends Omit<BenchOptions, 'dataset' | 'rows'> {
  /** Numbers of rows, ascending. */
  sizes: readonly number[]
  /** Stores vectors in half precision. */
  halfvec: boolean
}

export interface BenchHost {
  /** URL of the server. */
  readonly place: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  readonly engine: BenchEngine
}

/** A setting with its recall and time. */
export interface BenchPoint {
  readonly setting: string
  readonly recall_at_10: number
  readonly p50_ms: number
  readonly p95_ms: number
}

/** The fastest setting with at least this recall; nulls if there is none. */
export interface BenchLevel {
  /** The recall. */
  readonly level: number
  readonly setting: string | null
  readonly recall_at_10: number | null
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  /** Ratio of the median to that of the reference at this level; null if one of them does not reach it. */
  readonly ratio_to_hnsw: number | null
}

/** Figures with default settings. */
export interface BenchDefaults extends BenchPoint {
  /** Ratio of the median to that of the fastest setting with recall .95; null if there is none. */
  readonly ratio_to_best: number | null
}

/** Peak memory while an index was built. */
export interface BenchMemory {
  /** Resident memory of this process: before, and the peak. */
  readonly node_before_bytes: number
  readonly node_peak_bytes: number
  /** Peak of the private memory of all sessions of the database; null if the server is on another machine. */
  readonly server_peak_bytes: number | null
}

/** Figures of a method; those of a query are at its fastest setting with recall .95. */
export interface BenchMethod extends BenchPoint {
  readonly name: string
  readonly build_s: number
  readonly index_bytes: number
  readonly memory: BenchMemory | null
  readonly inserts_per_s: number | null
  readonly bulk_rows_per_s: number | null
  readonly curve: readonly BenchPoint[]
  readonly levels: readonly BenchLevel[]
  readonly defaults: BenchDefaults | null
}

/** A search with a condition and default settings. */
export interface BenchCondition {
  /** How the search was called. */
  readonly door: string
  /** Share of the rows that pass; 1 without a condition. */
  readonly share: number
  readonly recall_at_10: number
  readonly p50_ms: number
  readonly p95_ms: number
  /** Ratio of the median to that without a condition. */
  readonly ratio: number
  /** Queries with fewer results than requested, although more rows pass. */
  readonly short: number
}

/** Figures of concurrent clients. */
export interface BenchLoad {
  readonly method: string
  readonly setting: string
  readonly clients: number
  readonly queries_per_s: number
  readonly p50_ms: number
  readonly p95_ms: number
}

export interface BenchResult {
  readonly dataset: string
  readonly rows: number
  readonly dims: number
  readonly queries: number
  readonly methods: readonly BenchMethod[]
  readonly conditions: readonly BenchCondition[]
  readonly load: readonly BenchLoad[]
  /** Methods that could not be measured, with the reasons. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[]
  /** Figures that were written. */
  readonly files: readonly string[]
}

/** Exponents of growth with the number of rows, by least squares on logarithms; null if sizes are missing. */
export interface BenchSlope {
  readonly name: string
  /** Exponent of the median at recall .95. */
  readonly p50: number | null
  readonly build: number | null
  readonly bytes: number | null
}

export interface GrowthResult {
  readonly sizes: readonly BenchResult[]
  readonly slopes: readonly BenchSlope[]
}

/** Exports of `test/bench/run.ts`. */
export interface BenchModule {
  readonly runBench: (options: BenchOptions, host: BenchHost) => Promise<BenchResult>
  readonly runGrowth: (options: GrowthOptions, host: BenchHost) => Promise<GrowthResult>
}
