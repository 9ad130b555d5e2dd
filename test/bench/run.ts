import { makeFolder } from '../../src/core/make-folder.js'
import type { BenchHost, BenchOptions } from '../../src/cli/commands/bench.js'
import { LshError } from '../../src/core/errors.js'
import { openStore } from '../../src/store/connect.js'
import { cachedVectors, cacheName } from './cache.js'
import { writeCurves } from './curves.js'
import { datasetNamed } from './datasets/all.js'
import { QUERIES, type Dataset, type Vectors } from './datasets/dataset.js'
import { sampled } from './datasets/sample.js'
import { dropCaches } from './drop-caches.js'
import { measureLatencies } from './latency.js'
import { methods as allMethods, methodsNamed } from './methods/all.js'
import { K } from './methods/method.js'
import { prepare, type Prepared } from './prepare.js'
import { figuresOf, subtitle, type Report } from './report.js'
import { machineFigures, serverFigures } from './server.js'
import { createSchema, dropSchema, type Place } from './tables.js'
import { cachedTruth, type Truth } from './truth.js'
import { keptWrites } from './writes.js'

interface Subjects {
  readonly dataset: Dataset
  readonly label: string
  readonly source: string
  readonly vectors: Vectors
  readonly truth: Truth
}

/** Measures methods on a data set: what `pg-lsh bench` does. */
export async function runBench(options: BenchOptions, host: BenchHost): Promise<Report> {
  check(options)
  const methods = options.methods ? methodsNamed(options.methods) : allMethods
  const subjects = await load(options, host)
  const store = await openStore(host.place)
  const client = await store.pool.connect()
  const { label, source, vectors } = subjects
  const schema = options.reuse ? 'bench' : 'bench_once'
  const place: Place = { engine: host.engine, store, client, schema, label, source }
  try {
    await createSchema(place)
    await store.learnTypes()
    const rebuild = options.rebuild
    const prepared = await prepare(place, vectors, methods, { rebuild, say: host.say })
    return await measure(place, subjects, prepared, options, host)
  } finally {
    if (!options.reuse) await dropSchema(place, methods, vectors.base)
    client.release()
    await store.close()
  }
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
  const truth = await cachedTruth(`${cacheName(dataset)}${part}`, vectors, { cache, say })
  const label = `${dataset.name}${part}`.replace(/\W/g, '_')
  return { dataset, label, source: `${cacheName(dataset)}-${rows}`, vectors, truth }
}

async function measure(
  place: Place,
  subjects: Subjects,
  prepared: readonly Prepared[],
  options: BenchOptions,
  host: BenchHost,
): Promise<Report> {
  const { dataset, label, vectors, truth } = subjects
  const { queries, smallCache } = options
  const { say, signal } = host
  const server = await serverFigures(place.client)
  if (smallCache && server.memory_limit === null)
    say('nothing limits the memory of the server: docker/debian-server.sh start --memory 400M')
  const curves = await measureLatencies(prepared, vectors, truth, {
    queries,
    say,
    signal,
    ...(smallCache ? { alone: () => dropCaches(say) } : {}),
  })
  const methods = []
  for (const one of prepared) {
    const { name } = one.method
    const writes =
      options.writes && !smallCache ? await keptWrites(place, one, vectors, say) : undefined
    methods.push(figuresOf(name, one.built, curves.get(name) ?? [], writes))
  }
  const report = {
    dataset: label,
    title: dataset.title,
    rows: vectors.base.rows,
    dims: vectors.base.dims,
    queries,
    k: K,
    small_cache: smallCache,
    server,
    machine: machineFigures(),
    methods,
  }
  const file = smallCache ? `${label}_small_cache` : label
  const drawn = methods.map(({ name, curve }) => ({ name, points: curve }))
  const files =
    options.out === undefined
      ? []
      : [
          await writeCurves(options.out, file, drawn, {
            title: dataset.name,
            subtitle: `${dataset.title}\n${subtitle(report)}`,
          }),
        ]
  return { ...report, files }
}
