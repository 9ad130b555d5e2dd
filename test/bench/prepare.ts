import type { Vectors } from './datasets/dataset.js'
import { watchMemory } from './memory.js'
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

/** A method whose index is built. */
export interface Prepared {
  readonly method: Method
  readonly subject: Subject
  readonly built: Built
}

export interface PrepareOptions {
  /** Methods to build again even if their tables exist. (Default: none) */
  rebuild?: readonly string[]
  say: (text: string) => void
}

/** Memory for building an index, as pgvector's documentation recommends. */
const MAINTENANCE = '4GB'

/** Builds the plain table, and a table with an index for each method, unless they exist. */
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
  const ready = new Map<string, Built>()
  for (const method of methods) {
    const owner = method.of ?? method
    const again = rebuild.includes(owner.name) || rebuild.includes(method.name)
    const subject = subjectOf(place, method, vectors.base)
    const built =
      ready.get(owner.name) ??
      (again ? undefined : await builtBefore(place, owner.name)) ??
      (await build(place, subject, owner, say))
    ready.set(owner.name, built)
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
  await recordBuilt(place, 'plain', { build_s, index_bytes: 0, memory: null })
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
  let build_s = 0
  const memory = await watchMemory(place.store.pool, async () => {
    const begin = performance.now()
    await method.build(subject)
    build_s = (performance.now() - begin) / 1000
  })
  const built = { build_s, index_bytes: await method.bytes(subject), memory }
  say(`built in ${build_s.toFixed(1)} s, ${(built.index_bytes / 1e6).toFixed(1)} MB`)
  await recordBuilt(place, method.name, built)
  return built
}
