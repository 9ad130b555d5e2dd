import { makeFolder } from '../../src/core/make-folder.js'
import type { BenchHost, BenchOptions } from '../../src/cli/bench-result.js'
import { assertOptions } from './assert-options.js'
import { cachedVectors, cacheName } from './cache.js'
import { datasetNamed } from './datasets/all.js'
import { sampled } from './datasets/sample.js'
import { measureSubjects, type Subjects } from './measure-subjects.js'
import type { Report } from './report.js'
import { cachedTruth } from './truth.js'

export { runGrowth } from './growth.js'

/** Measures methods on a data set, as `pg-lsh bench` does. */
export async function runBench(options: BenchOptions, host: BenchHost): Promise<Report> {
  assertOptions(options)
  return measureSubjects(await load(options, host), options, host)
}

async function load(options: BenchOptions, { say }: BenchHost): Promise<Subjects> {
  const { cache } = options
  const dataset = datasetNamed(options.dataset)
  await makeFolder(cache)
  const all = await cachedVectors(dataset, { cache, say })
  const vectors = sampled(all, options.rows)
  const { rows } = vectors.base
  const part = rows < all.base.rows ? `-${rows}` : ''
  const name = `${cacheName(dataset)}${part}`
  return {
    name: dataset.name,
    title: dataset.title,
    label: `${dataset.name}${part}`.replace(/\W/g, '_'),
    source: `${cacheName(dataset)}-${rows}-parts`,
    type: 'vector',
    vectors,
    truth: await cachedTruth(name, vectors, { cache, say }),
    truthOf: (condition, passes) =>
      cachedTruth(`${name}-${condition}`, vectors, { cache, say }, passes),
  }
}
