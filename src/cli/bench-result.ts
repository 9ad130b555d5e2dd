import type { BenchEngine } from './bench-engine.js'

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
  /** Graphs of the reference that are built, of which the best counts. */
  graphs: number
  /** Whether searches with a condition are measured. */
  conditions: boolean
  /** Numbers of clients that ask at once, one after the other. */
  clients: readonly number[]
  /** How long each number of clients asks. */
  seconds: number
}

/** What `test/bench/growth.ts` is told besides. */
export interface GrowthOptions extends Omit<BenchOptions, 'dataset' | 'rows'> {
  /** Numbers of rows, from small to large. */
  sizes: readonly number[]
  /** Keeps vectors in half precision. */
  halfvec: boolean
}

export interface BenchHost {
  /** URL of the server. */
  readonly place: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  readonly engine: BenchEngine
}

/** A setting with what it found and how long it took. */
export interface BenchPoint {
  readonly setting: string
  readonly recall_at_10: number
  readonly p50_ms: number
  readonly p95_ms: number
}

/** The fastest setting that finds such a share of the neighbours; nulls where none does. */
export interface BenchLevel {
  /** The share. */
  readonly level: number
  readonly setting: string | null
  readonly recall_at_10: number | null
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  /** Of the median to that of the reference at this level; null where one of them does not reach it. */
  readonly ratio_to_hnsw: number | null
}

/** What comes of asking with nothing set. */
export interface BenchDefaults extends BenchPoint {
  /** Of the median to that of the fastest setting that finds 95 of 100; null where none does. */
  readonly ratio_to_best: number | null
}

/** Peaks while an index was built. */
export interface BenchMemory {
  /** Resident memory of this process, before and at most. */
  readonly node_before_bytes: number
  readonly node_peak_bytes: number
  /** Private memory of all sessions of the database, at most; null where the server is on another machine. */
  readonly server_peak_bytes: number | null
}

/** Figures of a method; those of a query are at its fastest setting that finds 95 of 100 neighbours. */
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

/** A search with a condition, nothing else set. */
export interface BenchCondition {
  /** How it was asked. */
  readonly door: string
  /** Share of the rows that pass; 1 without a condition. */
  readonly share: number
  readonly recall_at_10: number
  readonly p50_ms: number
  readonly p95_ms: number
  /** Of the median to that without a condition. */
  readonly ratio: number
  /** Queries that brought fewer rows than pass, or than were wanted. */
  readonly short: number
}

/** Clients that ask at once. */
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
  /** Methods that could not be measured here, and why. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[]
  /** Pictures that were written. */
  readonly files: readonly string[]
}

/** Slopes of logarithms over the logarithm of the number of rows, by least squares; null where sizes lack. */
export interface BenchSlope {
  readonly name: string
  /** Of the median at recall .95. */
  readonly p50: number | null
  readonly build: number | null
  readonly bytes: number | null
}

export interface GrowthResult {
  readonly sizes: readonly BenchResult[]
  readonly slopes: readonly BenchSlope[]
}

/** What `test/bench/run.ts` exports. */
export interface BenchModule {
  readonly runBench: (options: BenchOptions, host: BenchHost) => Promise<BenchResult>
  readonly runGrowth: (options: GrowthOptions, host: BenchHost) => Promise<GrowthResult>
}
