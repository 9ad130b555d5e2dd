import { sql } from 'kysely'
import { median, quantile } from '../hash/median.js'
import type { Store } from '../store/connection/connect.js'
import { bootstrapMean, type Estimate } from './bootstrap.js'
import type { ComparisonFigures } from './compare-with-exact.js'

/** Figures of a comparison, here as means over the queries. */
type Losses = Readonly<Pick<ComparisonFigures, 'code_loss' | 'bucket_loss' | 'visited_share'>>

/** Cost and results of a candidate stage of an index. */
export interface StageCost extends Losses {
  readonly index: string
  readonly stage: 'buckets' | 'scan' | 'hnsw' | 'exact'
  /** Buckets visited; null for stages that visit none. */
  readonly probes: number | null
  readonly queries: number
  readonly recall: Estimate
  readonly median_ms: number
  readonly p95_ms: number
}

export interface SearchCostOptions {
  /** Neighbours per query. (Default: 10) */
  k?: number
  /** Called after each setting. (Default: none) */
  onProgress?: () => void
  /** Stops between two settings. (Default: none) */
  signal?: AbortSignal
}

type Setting = Pick<StageCost, 'stage' | 'probes'>

/**
 * Measures the search of a space by its hash index at several settings, on query slices whose patients are given; other
 * slices of the query's patient are excluded. Empty if the space has no index.
 */
export async function searchCosts(
  store: Store,
  space: string,
  queries: { items: readonly number[]; patients: Int32Array },
  options: SearchCostOptions = {},
): Promise<StageCost[]> {
  const { k = 10, onProgress, signal } = options
  const index = await indexOf(store, space)
  if (!index) return []
  const costs: StageCost[] = []
  for (const setting of settingsOf(index)) {
    signal?.throwIfAborted()
    const compared = await compareStage(store, index.name, { ...setting, k, items: queries.items })
    // One run before the measurement: the first query of a kind is planned and fills the caches.
    await timeStage(store, space, index.name, { ...setting, k, items: queries.items.slice(0, 1) })
    const times = await timeStage(store, space, index.name, { ...setting, k, items: queries.items })
    const mean = (of: (row: ComparedRow) => number) =>
      compared.reduce((sum, row) => sum + of(row), 0) / compared.length
    costs.push({
      index: index.name,
      ...setting,
      queries: compared.length,
      recall: bootstrapMean(
        Float64Array.from(compared, ({ recall }) => recall),
        Int32Array.from(
          compared,
          ({ query }) => queries.patients[queries.items.indexOf(Number(query))]!,
        ),
      ),
      code_loss: mean((row) => row.code_loss),
      bucket_loss: mean((row) => row.bucket_loss),
      visited_share: mean((row) => row.visited_share),
      median_ms: median(times),
      p95_ms: quantile(times, 0.95),
    })
    onProgress?.()
  }
  return costs
}

interface IndexFacts {
  readonly name: string
  readonly buckets: number
  readonly graph: boolean
}

async function indexOf(store: Store, space: string): Promise<IndexFacts | undefined> {
  const { rows } = await sql<IndexFacts>`
    select index.name, family.bucket_count as buckets, lsh_internal.hnsw(index) is not null as graph
    from lsh.index
      join lsh.family on family.id = index.family_id
    where index.relation = to_regclass(${`space.${space}`}) and index.state = 'ready'
    order by index.name <> ${space}, index.id
    limit 1`.execute(store.db)
  return rows[0]
}

/** Buckets in powers of four up to all of them, all codes, the graph if there is one, and no codes. */
function settingsOf({ buckets, graph }: IndexFacts): Setting[] {
  const settings: Setting[] = []
  for (let probes = 1; probes < buckets; probes *= 4) settings.push({ stage: 'buckets', probes })
  settings.push({ stage: 'scan', probes: null })
  if (graph) settings.push({ stage: 'hnsw', probes: null })
  return [...settings, { stage: 'exact', probes: null }]
}

interface ComparedRow extends Losses {
  query: string
  recall: number
}

type Asked = Setting & { k: number; items: readonly number[] }

async function compareStage(store: Store, index: string, asked: Asked): Promise<ComparedRow[]> {
  const { items, stage, probes, k } = asked
  const { rows } = await sql<ComparedRow>`
    select query, recall, code_loss, bucket_loss, visited_share
    from lsh.compare(${index}, ${items.map(String)}::text[], array[${k}::int], probes => ${probes}::int,
      stage => ${stage}::text,
      excludes => (
        select jsonb_object_agg(asked, to_jsonb(cbir._left_out(asked, true)))
        from unnest(${items}::int[]) as asked))`.execute(store.db)
  // A search without codes has no code loss and visits no buckets.
  if (stage !== 'exact') return rows
  return rows.map((row) => ({ ...row, code_loss: 0, bucket_loss: 0, visited_share: 0 }))
}

/** Milliseconds of each search, from call to result. */
async function timeStage(
  store: Store,
  space: string,
  index: string,
  { items, stage, probes, k }: Asked,
): Promise<Float64Array> {
  const times = new Float64Array(items.length)
  for (const [i, item] of items.entries()) {
    const { rows } = await sql<{ embedding: Float32Array; exclude: string[] }>`
      select embedding, cbir._left_out(item_id, true) as exclude
      from ${sql.id('space', space)}
      where item_id = ${item}`.execute(store.db)
    const { embedding, exclude } = rows[0] as { embedding: Float32Array; exclude: string[] }
    const vector = `[${embedding.join(',')}]`
    const started = performance.now()
    await sql`select * from lsh.search(${index}, ${vector}, ${k}::int, probes => ${probes}::int,
      exclude => ${exclude}::text[], stage => ${stage}::text)`.execute(store.db)
    times[i] = performance.now() - started
  }
  return times
}
