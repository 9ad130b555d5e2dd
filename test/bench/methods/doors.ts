import type { Kysely } from 'kysely'
import type { Vector } from '../../../src/store/connection/columns.js'
import type { Call, Method, Setting, Statement, Subject } from './method.js'

/** A point of the curve: the options of a search. */
export interface SearchPoint {
  readonly probes: number
  readonly candidates: number
}

/**
 * A way to search an index: `prepareNearest`, which hashes in the client; `lsh.search`; `nearest` with a vector through
 * Kysely; and the same with a database opened with `prepare`.
 */
export type DoorName = 'client' | 'sql' | 'kysely' | 'prepared'

/** The settings of a door: those of a list of points, and the defaults. */
export function askedBy(
  door: DoorName,
  points: readonly SearchPoint[],
  given: { stage?: 'hnsw' } = {},
): Pick<Method, 'settings' | 'untouched'> & { queries?: number } {
  const make = DOORS[door]
  return {
    settings: async (subject) => {
      const setting = await make(subject)
      return points.map((point) => setting(nameOf(point), { ...given, ...point }))
    },
    // The stage must be given, since the index does not choose the graph by itself.
    untouched: async (subject) => (await make(subject))(UNTOUCHED, given),
    ...(door === 'kysely' ? { queries: 250 } : {}),
  }
}

/** Name of the setting that leaves all options at their defaults. */
export const UNTOUCHED = 'untouched'

interface Given extends Partial<SearchPoint> {
  readonly stage?: 'hnsw'
}

type Door = (subject: Subject) => Promise<(name: string, given: Given) => Setting>

const DOORS: Record<DoorName, Door> = {
  client: async ({ engine, store, name: index }) => {
    const opened = await engine.openIndex(store.db, index)
    return (name, { probes, candidates }): Statement => {
      const nearest = engine.prepareNearest(opened, {
        ...(probes === undefined ? {} : { probes }),
        ...(candidates === undefined ? {} : { candidates }),
      })
      const { text } = nearest(new Float32Array(opened.family.dims))
      return {
        name,
        session: [],
        text: `select key as id from (${text}) as found`,
        values: (_, vector) => nearest(vector).values,
      }
    }
  },
  sql: async ({ name: index }) => {
    return (name, given): Statement => ({
      name,
      session: [],
      text: `select key as id from lsh.search(${["'" + index + "'", '$1::vector', ...named(given)].join(', ')})`,
      values: (text) => [text],
    })
  },
  kysely: (subject) => throughKysely(subject, false),
  prepared: (subject) => throughKysely(subject, true),
}

function named({ probes, candidates, stage }: Given): string[] {
  return [
    ...(probes === undefined ? [] : [`probes => ${probes}`]),
    ...(candidates === undefined ? [] : [`candidates => ${candidates}`]),
    ...(stage === undefined ? [] : [`stage => '${stage}'`]),
  ]
}

/** The type of every benchmark table. */
export interface BenchTables {
  rows: { id: number; v: Vector; part: number | null }
}

/** A database for typed queries over the connections of the store. */
export async function typedDatabase(
  { engine, store }: Subject,
  prepare: boolean,
): Promise<Kysely<BenchTables>> {
  return engine.openDatabase<BenchTables>({ pool: store.pool }, { prepare })
}

async function throughKysely(subject: Subject, prepare: boolean) {
  const db = await typedDatabase(subject, prepare)
  const table = subject.table as 'rows'
  return (name: string, { stage, ...point }: Given): Call => ({
    name,
    ask: (vector) => {
      const query = { to: vector, ...point, ...(stage ? { stage } : {}) }
      return subject.engine.nearest(db, table, query).select(['near.id']).execute()
    },
  })
}

function nameOf({ probes, candidates }: SearchPoint): string {
  return `probes=${probes} candidates=${candidates}`
}
