import type { BenchCondition } from '../../src/cli/bench-result.js'
import type { Vectors } from './datasets/dataset.js'
import { measureLatencies, type LatencyOptions, type Question } from './latency.js'
import { fastestAt, ENOUGH } from './levels.js'
import { REFERENCE } from './methods/all.js'
import { typedDatabase } from './methods/doors.js'
import { K, type Setting, type Subject } from './methods/method.js'
import type { MethodRun } from './measure.js'
import { PARTS, partsOf } from './parts.js'
import type { Passes, Truth } from './truth.js'

/** Rows with `part` below these values pass: 50, 10, 1 and 0.1 % of the rows. */
const BELOW = [500, 100, 10, 1] as const

/** Computes the exact neighbours among the rows that pass, cached by a name. */
export type TruthOf = (part: string, passes: Passes) => Promise<Truth>

/** Makes the setting with a condition; null for none. */
type Door = (below: number | null) => Setting

/**
 * Measures searches with a condition that few or many rows pass, compared with the same search without one. Ours use
 * the defaults; the reference uses `hnsw.iterative_scan`, at the setting that is fastest without a condition.
 */
export async function measureConditions(
  methods: readonly MethodRun[],
  vectors: Vectors,
  truth: { all: Truth; of: TruthOf },
  options: LatencyOptions,
): Promise<BenchCondition[]> {
  const parts = partsOf(vectors.base.rows)
  const conditions = await Promise.all(
    BELOW.map(async (below) => {
      const passes = (id: number) => parts[id]! < below
      return { below, passes, truth: await truth.of(`part${below}`, passes) }
    }),
  )
  const questions: (Question & { door: string; below: number | null })[] = []
  const doors = await doorsOf(methods, parts)
  for (const { name: door, subject, setting } of doors) {
    const given = { method: door, door, subject, scan: 'maybe' as const }
    questions.push({ ...given, below: null, setting: setting(null), truth: truth.all })
    for (const { below, passes, truth } of conditions)
      questions.push({ ...given, below, setting: setting(below), truth, passes })
  }
  const points = await withPartsIndexed(doors, () =>
    measureLatencies(questions, vectors, truth.all, options),
  )
  return points.map(({ setting: _, ...point }, i) => {
    const { door, below } = questions[i]!
    const plain = points[questions.findIndex((one) => one.door === door && one.below === null)]!
    return { door, share: (below ?? PARTS) / PARTS, ...point, ratio: point.p50_ms / plain.p50_ms }
  })
}

/** Runs with an index on `part` in each table, as on a column by which users select; drops them at the end. */
async function withPartsIndexed<R>(
  doors: readonly NamedDoor[],
  work: () => Promise<R>,
): Promise<R> {
  const subjects = [...new Set(doors.map(({ subject }) => subject))]
  const indexOf = ({ name }: Subject) => `${name}_by_part`
  try {
    for (const subject of subjects) {
      const { client, table } = subject
      await client.query(`create index if not exists ${indexOf(subject)} on ${table} (part)`)
      await client.query(`vacuum analyze ${table}`)
    }
    return await work()
  } finally {
    for (const subject of subjects)
      await subject.client.query(`drop index if exists ${subject.schema}.${indexOf(subject)}`)
  }
}

interface NamedDoor {
  readonly name: string
  readonly subject: Subject
  readonly setting: Door
}

async function doorsOf(
  methods: readonly MethodRun[],
  parts: ArrayLike<number>,
): Promise<NamedDoor[]> {
  const doors: NamedDoor[] = []
  const ours = methods.find(
    ({ prepared }) => (prepared.method.of ?? prepared.method).name === 'ours',
  )
  if (ours) doors.push(...(await oursBy(ours.prepared.subject, parts)))
  const graph = methods.find(({ name }) => name === REFERENCE)
  if (graph) doors.push(byGraph(graph))
  return doors
}

async function oursBy(subject: Subject, parts: ArrayLike<number>): Promise<NamedDoor[]> {
  const { engine, store, name: index, table } = subject
  const opened = await engine.openIndex(store.db, index)
  const db = await typedDatabase(subject, true)
  const search = (below: number | null, argument: string, value: unknown): Setting => ({
    name: argument,
    session: [],
    text: `select key as id from lsh.search('${index}', $1::vector${below === null ? '' : argument})`,
    values: (text) => (below === null ? [text] : [text, value]),
  })
  const typed =
    (hashed: boolean) =>
    (below: number | null): Setting => ({
      name: 'nearest',
      ask: (vector) => {
        const to = hashed ? engine.hashQuery(opened, vector) : vector
        const query = engine.nearest(db, table as 'rows', { to })
        const passing = below === null ? query : query.where('near.part', '<', below)
        return passing.select(['near.id']).execute()
      },
    })
  const filter = (below: number | null) =>
    search(below, ', filter => $2::jsonb', JSON.stringify({ part: { lt: below } }))
  // The application already has the keys; selecting them in the query would cost more than the search.
  const allowed = (below: number | null) =>
    search(
      below,
      ', allowed => $2',
      Array.from(parts, (part, id) => (part < (below ?? 0) ? String(id) : '')).filter(Boolean),
    )
  return [
    { name: 'search, filter', subject, setting: filter },
    { name: 'search, allowed', subject, setting: allowed },
    { name: 'nearest, vector', subject, setting: typed(false) },
    { name: 'nearest, hashed', subject, setting: typed(true) },
  ]
}

function byGraph({ name, prepared, curve, settings }: MethodRun): NamedDoor {
  const { subject } = prepared
  const best = fastestAt(curve, ENOUGH) ?? curve.at(-1)
  const chosen = settings.find((setting) => setting.name === best?.setting)
  const session = chosen && !('ask' in chosen) ? chosen.session : []
  return {
    name,
    subject,
    setting: (below) => ({
      name: chosen?.name ?? '',
      session: [...session, `set hnsw.iterative_scan = ${below === null ? 'off' : 'strict_order'}`],
      text: `select id from ${subject.table} ${below === null ? '' : 'where part < $2'} order by v <-> $1 limit ${K}`,
      values: (text) => (below === null ? [text] : [text, below]),
    }),
  }
}
