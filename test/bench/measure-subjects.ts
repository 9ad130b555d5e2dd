import type {
  BenchCondition,
  BenchHost,
  BenchLoad,
  BenchOptions,
} from '../../src/cli/bench-result.js'
import { openStore } from '../../src/store/connection/connect.js'
import { measureClients } from './clients.js'
import { measureConditions, type TruthOf } from './conditions.js'
import { writeCurves } from './curves.js'
import type { Vectors } from './datasets/dataset.js'
import { dropCaches } from './drop-caches.js'
import { measureFaiss, pythonWithFaiss, CODES_OF, FAISS } from './faiss/faiss.js'
import { foldGraphs, withGraphs } from './graphs.js'
import { measureMethods, type MethodRun } from './measure.js'
import { methods as allMethods, methodsNamed } from './methods/all.js'
import { K, type Method } from './methods/method.js'
import { prepare } from './prepare.js'
import { figuresOf, outsideFigures, referencePoints, subtitle, type Report } from './report.js'
import { machineFigures, serverFigures } from './server.js'
import { createSchema, dropSchema, type Place } from './tables.js'
import type { Truth } from './truth.js'
import { keptWrites } from './writes.js'

/** The data on which methods are measured. */
export interface Subjects {
  readonly name: string
  readonly title: string
  /** First part of the names of tables. */
  readonly label: string
  readonly source: string
  readonly type: Place['type']
  readonly vectors: Vectors
  readonly truth: Truth
  /** Computes the neighbours among the rows that pass a condition. */
  readonly truthOf: TruthOf
}

type Options = Omit<BenchOptions, 'dataset' | 'rows'>

/** Builds missing tables and makes all requested measurements. */
export async function measureSubjects(
  subjects: Subjects,
  options: Options,
  host: BenchHost,
): Promise<Report> {
  const { label, source, type, vectors } = subjects
  const { graphs, reuse, rebuild } = options
  const wanted = chosen(options)
  const methods = withGraphs(wanted.inside, graphs)
  const store = await openStore(host.place)
  const client = await store.pool.connect()
  const schema = reuse ? 'bench' : 'bench_once'
  const place: Place = { engine: host.engine, store, client, schema, label, source, type }
  try {
    await createSchema(place)
    await store.learnTypes()
    const prepared = await prepare(place, vectors, methods, { rebuild, say: host.say })
    const server = await serverFigures(client)
    const { smallCache, queries } = options
    const { say, signal } = host
    if (smallCache && server.memory_limit === null)
      say('nothing limits the memory of the server: docker/debian-server.sh start --memory 400M')
    const alone = smallCache ? { alone: () => dropCaches(say) } : {}
    const asking = { queries, say, signal, ...alone }
    const runs = await measureMethods(prepared, vectors, subjects.truth, asking)
    const outside = await faissOf(wanted.outside, runs, subjects, asking)
    const report = {
      dataset: label,
      title: subjects.title,
      rows: vectors.base.rows,
      dims: vectors.base.dims,
      queries,
      k: K,
      small_cache: smallCache,
      type,
      server,
      machine: machineFigures(),
      ...(await more(foldGraphs(runs), subjects, options, host)),
      absent: outside.absent,
      methods: await figures(place, runs, outside.measured, vectors, options, host),
    }
    return { ...report, files: await pictures(report, subjects, options) }
  } finally {
    if (!reuse) await dropSchema(place, methods, vectors.base)
    client.release()
    await store.close()
  }
}

/** The methods in the database and the names of those outside. */
function chosen({ methods }: Options): { inside: readonly Method[]; outside: readonly string[] } {
  if (!methods) return { inside: allMethods, outside: FAISS }
  const isOutside = (name: string) => FAISS.some((one) => one === name)
  const outside = methods.filter(isOutside)
  const inside = methods.filter((name) => !isOutside(name))
  if (outside.length > 0 && !inside.includes(CODES_OF)) inside.push(CODES_OF)
  return { inside: methodsNamed(inside), outside }
}

async function faissOf(
  names: readonly string[],
  runs: readonly MethodRun[],
  { vectors, truth }: Subjects,
  options: { queries: number; say: (text: string) => void; signal: AbortSignal; alone?: unknown },
) {
  const absent = (reason: string) => ({
    measured: [],
    absent: names.map((name) => ({ name, reason })),
  })
  const run = runs.find(({ name }) => name === CODES_OF)
  if (names.length === 0) return absent('')
  if (options.alone || !run) return absent('it is measured with all in memory')
  const python = await pythonWithFaiss()
  if (python === undefined)
    return absent('Python has no faiss; on Debian "apt-get install python3-faiss" brings it')
  options.say(`asking ${options.queries} queries of faiss`)
  const measured = await measureFaiss(python, run.prepared.subject, vectors, truth, options)
  return { measured: measured.filter(({ name }) => names.includes(name)), absent: [] }
}

async function more(
  runs: readonly MethodRun[],
  { vectors, truth, truthOf }: Subjects,
  options: Options,
  { place, say, signal }: BenchHost,
): Promise<{ conditions: BenchCondition[]; load: BenchLoad[] }> {
  const { conditions, clients, seconds, queries } = options
  const asking = { queries, say, signal }
  return {
    conditions: conditions
      ? await measureConditions(runs, vectors, { all: truth, of: truthOf }, asking)
      : [],
    load: await measureClients(runs, vectors, { place, clients, seconds, say, signal }),
  }
}

async function figures(
  place: Place,
  runs: readonly MethodRun[],
  outside: Awaited<ReturnType<typeof measureFaiss>>,
  vectors: Vectors,
  { writes, smallCache }: Options,
  { say }: BenchHost,
) {
  const folded = foldGraphs(runs)
  const reference = referencePoints(folded)
  const methods = []
  for (const run of folded) {
    const { prepared } = run
    // A method that searches the index of another one has the same writes.
    const measured = writes && !smallCache && !prepared.method.of
    const written = measured ? await keptWrites(place, prepared, vectors, say) : undefined
    methods.push(figuresOf(run, reference, written))
  }
  for (const { name, curve, ...built } of outside)
    methods.push(outsideFigures(name, built, curve, reference))
  return methods
}

async function pictures(
  report: Omit<Report, 'files'>,
  { name, title }: Subjects,
  { out, smallCache }: Options,
): Promise<string[]> {
  if (out === undefined) return []
  const file = smallCache ? `${report.dataset}_small_cache` : report.dataset
  const drawn = report.methods.map(({ name, curve }) => ({ name, points: curve }))
  const heading = { title: name, subtitle: `${title}\n${subtitle(report)}` }
  return [await writeCurves(out, file, drawn, heading)]
}
