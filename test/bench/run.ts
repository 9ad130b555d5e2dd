import { makeFolder } from '../../src/core/make-folder.js'
import type { BenchHost, BenchOptions } from '../../src/cli/bench-result.js'
import { LshError } from '../../src/core/errors.js'
import { cachedVectors, cacheName } from './cache.js'
import { datasetNamed } from './datasets/all.js'
import { QUERIES } from './datasets/dataset.js'
import { sampled } from './datasets/sample.js'
import { measureSubjects, type Subjects } from './measure-subjects.js'
import type { Report } from './report.js'
import { cachedTruth } from './truth.js'

export { runGrowth } from './growth.js'

/** Measures methods on a data set: what `pg-lsh bench` does. */
export async function runBench(options: BenchOptions, host: BenchHost): Promise<Report> {
  check(options)
  return measureSubjects(await load(options, host), options, host)
}

/** @throws LshError `bad_usage` for options that do not go together. */
function check(options: BenchOptions): void {
  if (options.queries > QUERIES) {
    throw new LshError('bad_usage', `there are ${QUERIES} queries, not ${options.queries}`, {
      hint: `Leave --queries out, or give at most ${QUERIES}.`,
    })
  }
  if (options.smallCache && !options.reuse) {
    throw new LshError('bad_usage', '--small-cache measures tables that are there already', {
      hint: 'Build them with --reuse, start the server again with little memory, then add --small-cache.',
    })
  }
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
