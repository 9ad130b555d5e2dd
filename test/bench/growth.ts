import { makeFolder } from '../../src/core/make-folder.js'
import type {
  BenchHost,
  BenchSlope,
  GrowthOptions,
  GrowthResult,
} from '../../src/cli/bench-result.js'
import { assertOptions } from './assert-options.js'
import { cacheName } from './cache.js'
import { rowsOf } from './datasets/dataset.js'
import { filedManifold } from './datasets/manifold.js'
import { filedVectors } from './filed.js'
import { ENOUGH, logSlope } from './levels.js'
import { measureSubjects } from './measure-subjects.js'
import type { Report } from './report.js'
import { cachedTruth, type Passes } from './truth.js'

/** Methods that are measured by default. HNSW graphs are not: for ten million rows they take hours to build. */
const METHODS = ['ours', 'ours-sql'] as const

/**
 * Measures searches and builds on the same synthetic data set at several sizes, and how their cost grows. Rows are read
 * from a file and never all held in memory, so that the memory measured is that of the build.
 */
export async function runGrowth(options: GrowthOptions, host: BenchHost): Promise<GrowthResult> {
  assertOptions(options)
  await makeFolder(options.cache)
  const sizes: Report[] = []
  for (const rows of [...options.sizes].sort((a, b) => a - b))
    sizes.push(await measureSize(rows, options, host))
  return { sizes, slopes: slopesOf(sizes) }
}

async function measureSize(rows: number, options: GrowthOptions, host: BenchHost): Promise<Report> {
  const { cache, halfvec, methods = METHODS } = options
  const { say } = host
  const type = halfvec ? 'halfvec' : 'vector'
  const dataset = filedManifold({
    name: `manifold-${rows}${halfvec ? '-half' : ''}`,
    rows,
    dims: 96,
    inner: 24,
    centres: 2000,
    layer: 96,
    noise: 0.15,
    halfvec,
  })
  const filed = await filedVectors(dataset, { cache, say })
  // Only some of the queries: exact neighbours of all would take a quarter of an hour among ten million rows.
  const vectors = { base: filed.base, queries: rowsOf(filed.queries, 0, options.queries) }
  try {
    const name = cacheName(dataset)
    const truthOf = (condition: string, passes?: Passes) =>
      cachedTruth(`${name}-q${options.queries}${condition}`, vectors, { cache, say }, passes)
    const subjects = {
      name: dataset.name,
      title: dataset.title,
      label: dataset.name.replace(/\W/g, '_'),
      source: `${name}-parts`,
      type,
      vectors,
      truth: await truthOf(''),
      truthOf: (condition: string, passes: Passes) => truthOf(`-${condition}`, passes),
    } as const
    // Loading in bulk is measured on the other data sets.
    return await measureSubjects(subjects, { ...options, methods, writes: false }, host)
  } finally {
    filed.close()
  }
}

/** Slopes of each method over the sizes at which it was measured. */
export function slopesOf(sizes: readonly Pick<Report, 'rows' | 'methods'>[]): BenchSlope[] {
  const names = new Set(sizes.flatMap(({ methods }) => methods.map(({ name }) => name)))
  return [...names].map((name) => {
    const figures = sizes.flatMap(({ rows, methods }) => {
      const method = methods.find((one) => one.name === name)
      return method ? [{ rows, method }] : []
    })
    const slope = (of: (method: Report['methods'][number]) => number | undefined) => {
      const pairs = figures.map(({ rows, method }) => [rows, of(method) ?? NaN] as const)
      return logSlope(pairs)
    }
    return {
      name,
      p50: slope(({ levels }) => levels.find(({ level }) => level === ENOUGH)?.p50_ms ?? undefined),
      build: slope(({ build_s }) => build_s),
      bytes: slope(({ index_bytes }) => index_bytes),
    }
  })
}
