import { createQueryId, PostgresQueryCompiler, sql, type RawBuilder } from 'kysely'
import { assertOneOf, assertOptions } from '../core/arguments.js'
import { encodeField } from '../store/connection/copy-format.js'
import { statementName } from '../store/connection/open-database.js'
import { candidatesBy, hashedValues } from './hashed-candidates.js'
import { assertCount, assertIndex } from './asserted-query.js'
import { indexSettings } from './index-settings.js'
import type { OpenIndex } from './open-index.js'
import { rankedBy } from './ranked-by.js'

export interface NearestOptions {
  /** Neighbours to return. (Default: 10) */
  k?: number
  /** Codes re-ranked by exact distance. (Default: the index's) */
  candidates?: number
  /** Buckets visited. (Default: the index's) */
  probes?: number
  /** Reads the codes of the best buckets, or all codes. (Default: the setting of the index, or 'buckets') */
  stage?: 'buckets' | 'scan'
}

/** What `query` of a pool or client of `pg` takes: its rows are `Neighbour`s, with the key as the driver reads its type. */
export interface PreparedQuery {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/**
 * Prepares a search like `lsh.search` (without the option `ranking`), for queries that the client hashes. It is the
 * fastest way to run many queries: each is one statement, which the server plans once for each connection. If the codes
 * yield fewer than `k` rows, the statement calls `lsh.search`, which reads more, so `k` rows come back if there are
 * `k`. Do not use it behind a pooler that gives each statement another session and does not support prepared
 * statements.
 *
 * ```ts
 * const nearest = prepareNearest(await openIndex(db, 'words'), { k: 5 })
 * const { rows } = await pool.query<Neighbour>(nearest(vector))
 * ```
 *
 * @returns a function that makes the query for a vector; it throws LshError `LSH02` for another dimension and
 *   `bad_input` for NaN or infinite elements
 * @throws LshError `bad_usage` for options out of range
 */
export function prepareNearest(
  index: OpenIndex,
  options: NearestOptions = {},
): (vector: Float32Array) => PreparedQuery {
  assertIndex(index)
  assertOptions(options, ['k', 'candidates', 'probes', 'stage'])
  assertOneOf('stage', options.stage, ['buckets', 'scan'])
  const { k = 10 } = options
  assertCount('k', k)
  const usual = indexSettings(index, k)
  const { probes = usual.probes } = options
  const { stage = index.stage === 'scan' ? 'scan' : 'buckets' } = options
  const { candidates: wanted = usual.candidates } = options
  assertCount('candidates', wanted)
  assertCount('probes', probes)
  const candidates = Math.max(k, wanted)
  if (index.distributed) return preparedSearch(index, { k, candidates, probes, stage })
  const hashed = (vector: Float32Array) => hashedValues(index, vector, stage, probes)
  const places = hashed(index.family.center).map(([type], i) => sql.raw(`$${i + 2}::${type}`))
  const settings = [sql`k => ${sql.lit(k)}`, sql`candidates => ${sql.lit(candidates)}`]
  settings.push(stage === 'scan' ? sql`stage => 'scan'` : sql`probes => ${sql.lit(probes)}`)
  const text = compiled(
    statement(index, candidatesBy(index, places, { candidates, stage }), k, sql.join(settings)),
  )
  // The name depends on the text: an index of the same name may be created again with other bits.
  const name = statementName(text)
  return (vector) => {
    const values = hashed(vector).map(([, value]) => value)
    return { name, text, values: [encodeField('vector', vector), ...values] }
  }
}

/** Calls the search of the database, which builds a statement for the tables of Citus each time. */
function preparedSearch(
  { name: index, keyType }: OpenIndex,
  { k, candidates, probes, stage }: Required<NearestOptions>,
): (vector: Float32Array) => PreparedQuery {
  const text = compiled(sql`select found.key::${sql.raw(keyType)}, found.distance, found.hamming
from lsh.search(${sql.lit(index)}, $1, k => ${sql.lit(k)}, candidates => ${sql.lit(candidates)},
  probes => ${sql.lit(probes)}, stage => ${sql.lit(stage)}) as found`)
  const name = statementName(text)
  return (vector) => ({ name, text, values: [encodeField('vector', vector)] })
}

function statement(
  index: OpenIndex,
  candidates: RawBuilder<unknown>,
  k: number,
  settings: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const within = rankedBy(index, candidates, {
    vector: sql`$1`,
    found: sql`lsh_candidate.key`,
    k,
    enough: k,
  })
  return sql`${within}
select key, distance, hamming
from lsh_ranked
where (select reached from lsh_enough)
union all
select wider.key::${sql.raw(index.keyType)}, wider.distance, wider.hamming
from lsh.search(${sql.lit(index.name)}, $1, ${settings}) as wider
where not (select reached from lsh_enough)
order by distance, key`
}

/** The text of a statement that contains its parameters as $1, $2 and so on. */
function compiled(statement: RawBuilder<unknown>): string {
  return new PostgresQueryCompiler().compileQuery(statement.toOperationNode(), createQueryId()).sql
}
