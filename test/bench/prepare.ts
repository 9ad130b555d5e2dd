import type { Vectors } from './datasets/dataset.js'
import type { Method, Subject } from './methods/method.js'
import {
  builtBefore,
  copyTable,
  loadTable,
  recordBuilt,
  subjectOf,
  tableOf,
  type Built,
  type Place,
} from './tables.js'

/** A method that is ready to be asked. */
export interface Prepared {
  readonly method: Method
  readonly subject: Subject
  readonly built: Built
}

export interface PrepareOptions {
  /** Methods to build anew even where their tables are kept. (Default: none) */
  rebuild?: readonly string[]
  say: (text: string) => void
}

/** Memory for building an index, as pgvector's documentation asks for. */
const MAINTENANCE = '4GB'

/** The plain table, the queries, and a table with its index for each method. */
export async function prepare(
  place: Place,
  vectors: Vectors,
  methods: readonly Method[],
  options: PrepareOptions,
): Promise<Prepared[]> {
  const { rebuild = [], say } = options
  await place.client.query(`set maintenance_work_mem = '${MAINTENANCE}'`)
  if (!(await builtBefore(place, 'plain'))) await loadPlain(place, vectors, say)
  const prepared: Prepared[] = []
  for (const method of methods) {
    const before = rebuild.includes(method.name) ? undefined : await builtBefore(place, method.name)
    const subject = subjectOf(place, method, vectors.base)
    const built = before ?? (await build(place, subject, method, say))
    prepared.push({ method, subject, built })
  }
  return prepared
}

async function loadPlain(
  place: Place,
  vectors: Vectors,
  say: PrepareOptions['say'],
): Promise<void> {
  const plain = tableOf(place, 'plain')
  say(`loading ${vectors.base.rows} rows into ${plain}`)
  const begin = performance.now()
  await loadTable(place, plain, vectors.base)
  await loadTable(place, tableOf(place, 'query'), vectors.queries)
  const build_s = (performance.now() - begin) / 1000
  say(`loaded in ${build_s.toFixed(0)} s`)
  await recordBuilt(place, 'plain', { build_s, index_bytes: 0 })
}

async function build(
  place: Place,
  subject: Subject,
  method: Method,
  say: PrepareOptions['say'],
): Promise<Built> {
  await method.drop?.(subject)
  if (method.indexed) await copyTable(place, tableOf(place, 'plain'), subject.table, subject.dims)
  say(`building ${method.name} on ${subject.table}`)
  const begin = performance.now()
  await method.build(subject)
  const build_s = (performance.now() - begin) / 1000
  const built = { build_s, index_bytes: await method.bytes(subject) }
  say(`built in ${build_s.toFixed(1)} s, ${(built.index_bytes / 1e6).toFixed(1)} MB`)
  await recordBuilt(place, method.name, built)
  return built
}
