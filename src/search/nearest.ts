import { sql, type Kysely, type RawBuilder } from 'kysely'
import { codeToText, type BitCode } from '../core/code.js'
import { LshError } from '../core/errors.js'
import { probes as bestBuckets } from '../hash/probes.js'
import { describeQuery, type QueryDescription } from '../hash/query.js'
import type { Database } from '../store/database.js'
import { finiteText } from './finite-text.js'
import type { OpenIndex } from './open-index.js'

export interface NearestOptions {
  /** Neighbours to return. (Default: 10) */
  k?: number
  /** Codes re-ranked by exact distance. (Default: the index's) */
  candidates?: number
  /** Buckets visited. (Default: the index's) */
  probes?: number
  /** Looks at the codes of the best buckets, or at all. (Default: 'buckets') */
  stage?: 'buckets' | 'scan'
}

/** A row of an indexed table. */
export interface Nearest {
  /** Of the type of the key. */
  key: number | string
  distance: number
  /** Positions in which the codes differ; null where the table was read instead. */
  hamming: number | null
}

/** Codes that are ranked by the margins of the query, for each that is re-ranked: as `lsh._candidates` has it. */
const SHORTLIST = 4

/**
 * The nearest rows to a vector, as `lsh.search` finds them, but hashed here: one statement that the server
 * prepares once, and the fastest way to ask many queries. Fewer candidates than `k` have it read the table,
 * so that `k` rows come back where there are `k`.
 *
 * ```sql
 * with candidate as materialized (
 *   select key, code <~> $1 as hamming
 *   from (select … from lsh_index.NAME as code where code.bucket = any($2) order by … limit …) as shortlist
 *   order by … limit …
 * ), ranked as materialized (
 *   select candidate.key, l2_distance(source.VECTOR, $3) as distance, candidate.hamming
 *   from candidate join RELATION as source on source.KEY = candidate.key
 *   order by distance, key limit K
 * )
 * select * from ranked where (select count(*) from ranked) >= K
 * union all …
 * ```
 *
 * @throws LshError `LSH02` for another dimension, `bad_input` for NaN or infinite elements, `bad_usage` for
 *   options out of range.
 */
export function nearest(
  db: Kysely<Database>,
  index: OpenIndex,
  vector: Float32Array,
  options: NearestOptions = {},
) {
  const { k = 10, stage = 'buckets', probes = index.probes } = options
  const candidates = Math.max(k, options.candidates ?? index.candidates)
  for (const [name, value] of Object.entries({ k, candidates, probes })) assertCount(name, value)
  const query = sql`${finiteText(vector)}::vector`
  const asked = describeQuery(index.family, vector)
  const key = sql.id('source', index.keyColumn)
  const distance = sql<number>`l2_distance(${sql.id('source', index.vectorColumn)}, ${query})`
  const relation = sql.raw(index.relation)
  const buckets =
    stage === 'buckets'
      ? // By a subquery, so that the plan does not depend on how many there are, and is kept.
        sql`where code.bucket = any(array(select unnest(${[...bestBuckets(index.family, vector, probes)]}::int[])))`
      : sql``
  const { coarse, fine } = rankings(index, asked)
  const code = codeValue(asked.code)
  // The limits stand there as numbers: the server plans by them.
  const found = sql<Nearest>`(
    with candidate as materialized (
      select shortlist.key, hamming_distance(shortlist.code, ${code})::int as hamming
      from (
        select code.key, code.code, code.norm, code.scale
        from ${sql.id('lsh_index', index.name)} as code
        ${buckets}
        order by ${coarse}, code.key
        limit ${sql.lit(SHORTLIST * candidates)}
      ) as shortlist
      order by ${fine}, shortlist.key
      limit ${sql.lit(candidates)}
    ),
    ranked as materialized (
      select candidate.key, ${distance} as distance, candidate.hamming
      from candidate
        join ${relation} as source on ${key} = candidate.key
      order by distance, candidate.key
      limit ${sql.lit(k)}
    )
    select key, distance, hamming
    from ranked
    where (select count(*) from ranked) >= ${sql.lit(k)}
    union all
    select key, distance, null
    from (
      select ${key} as key, ${distance} as distance
      from ${relation} as source
      where ${sql.id('source', index.vectorColumn)} is not null
      order by distance, key
      limit ${sql.lit(k)}
    ) as scanned
    where (select count(*) from ranked) < ${sql.lit(k)}
  )`
  return db.selectFrom(found.as('found')).selectAll().orderBy('distance').orderBy('key')
}

interface Rankings {
  /** Of the codes that are visited. */
  readonly coarse: RawBuilder<number>
  /** Of the shortlist. */
  readonly fine: RawBuilder<number>
}

function rankings({ family }: OpenIndex, asked: QueryDescription): Rankings {
  const { code, planes, step, size } = asked
  const [one, two, four] = planes.map((plane) => {
    return sql`bit_count((shortlist.code # ${codeValue(code)}) & ${codeValue(plane)})`
  }) as [RawBuilder<number>, RawBuilder<number>, RawBuilder<number>]
  const weighted = sql<number>`(${one} + 2 * ${two} + 4 * ${four})`
  if (family.kind !== 'sign' && family.kind !== 'itq') {
    return { coarse: sql<number>`bit_count(code.code # ${codeValue(code)})`, fine: weighted }
  }
  const hamming = sql`hamming_distance(code.code, ${codeValue(code)})`
  const perBit = (2 * Math.PI * size) / family.bits
  return {
    coarse: sql<number>`code.norm * code.norm - code.scale * (${Math.PI * size}::float8 - ${perBit}::float8 * ${hamming})`,
    fine: sql<number>`shortlist.norm * shortlist.norm - shortlist.scale * (${2 * size}::float8 - ${4 * step}::float8 * ${weighted})`,
  }
}

function codeValue(code: BitCode): RawBuilder<BitCode> {
  return sql<BitCode>`${codeToText(code)}::bit(${sql.lit(code.bits)})`
}

function assertCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new LshError('bad_usage', `${name} is a whole number, at least 1, not ${value}`, {
    hint: 'Leave it out for the default.',
  })
}
