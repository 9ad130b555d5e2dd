import pg from 'pg'
import { createHash } from 'node:crypto'
import { bucketCount, estimatesDistances } from '../hash/family.js'
import type { HashedQuery } from '../hash/query-hasher.js'
import { encodeField } from '../store/copy-format.js'
import { assertCount } from './nearest-arguments.js'
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
  /** Positions in which the codes differ; null for a row without a code. */
  hamming: number | null
}

/** What `query` of a pool or client of `pg` takes; the same text and name for each vector. */
export interface PreparedQuery {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/** Codes that are ranked by the margins of the query, for each that is re-ranked: as `lsh._candidates` has it. */
const SHORTLIST = 4

/**
 * Prepares a search for the nearest rows as `lsh.search` does it, but hashed here: the fastest way to ask
 * many queries, one statement each, which the server plans once a connection. Where that leaves
 * fewer than `k` rows, the statement calls `lsh.search`, which goes further: `k` rows come back where there
 * are `k`.
 *
 * ```ts
 * const nearest = prepareNearest(await openIndex(db, 'words'), { k: 5 })
 * const { rows } = await pool.query<Nearest>(nearest(vector))
 * ```
 *
 * @returns makes the query of a vector; throws LshError `LSH02` for another dimension and `bad_input` for
 *   NaN or infinite elements
 * @throws LshError `bad_usage` for options out of range
 */
export function prepareNearest(
  index: OpenIndex,
  options: NearestOptions = {},
): (vector: Float32Array) => PreparedQuery {
  const { k = 10, stage = 'buckets', probes = index.probes } = options
  const { candidates: wanted = index.candidates } = options
  for (const [name, value] of Object.entries({ k, candidates: wanted, probes }))
    assertCount(name, value)
  const candidates = Math.max(k, wanted)
  const settings = `k => ${k}, candidates => ${candidates}, ${stage === 'scan' ? `stage => 'scan'` : `probes => ${probes}`}`
  const text = statement(index, k, candidatesOf(index, candidates, stage), settings)
  // Named by what it says: an index of the same name may be made anew with other bits.
  const name = `lsh_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
  // A scan needs no buckets, but of kind residual the code of the query in each of them.
  const { family } = index
  const all = family.kind === 'residual' ? bucketCount(family) : 1
  return (vector) => {
    const hashed = index.hasher.hash(vector, stage === 'buckets' ? probes : all)
    // In binary form, which the server need not read as text.
    const query = encodeField('vector', vector)
    return { name, text, values: [query, ...valuesOf(index, hashed, stage)] }
  }
}

/** The parameters from $2 on. */
function valuesOf(
  { family }: OpenIndex,
  { buckets, by }: HashedQuery,
  stage: NearestOptions['stage'],
): unknown[] {
  const visited = encodeField('int4[]', buckets)
  if ('codes' in by) {
    const { codes, sizes, distances } = by
    const perBit = (2 * Math.PI) / family.bits
    return [
      visited,
      encodeField('bit[]', codes),
      encodeField('float8[]', distances),
      encodeField(
        'float8[]',
        sizes.map((size) => Math.PI * size),
      ),
      encodeField(
        'float8[]',
        sizes.map((size) => perBit * size),
      ),
    ]
  }
  const { code, planes, step, size } = by
  const values: unknown[] = [code, ...planes].map((value) => encodeField('bit', value))
  if (estimatesDistances(family.kind)) values.push(step, size)
  if (stage === 'buckets') values.push(visited)
  return values
}

/** Candidates by their codes, as `lsh._candidates` has it. */
function candidatesOf(
  index: OpenIndex,
  candidates: number,
  stage: NearestOptions['stage'],
): string {
  const { family } = index
  const { bits } = family
  const table = `lsh_index.${pg.escapeIdentifier(index.name)}`
  const perBit = (2 * Math.PI) / bits
  if (family.kind === 'residual') {
    return `select code.key, hamming_distance(code.code, probe.code)::int as hamming
  from unnest($2::int[], $3::bit(${bits})[], $4::float8[], $5::float8[], $6::float8[]) as probe (bucket, code, distance, most, per_bit)
    join ${table} as code on code.bucket = probe.bucket
  order by probe.distance + code.norm * code.norm
    - code.scale * (probe.most - probe.per_bit * hamming_distance(code.code, probe.code)), code.key
  limit ${candidates}`
  }
  const [code, ...planes] = ['$2', '$3', '$4', '$5'].map((place) => `${place}::bit(${bits})`)
  const [one, two, four] = planes.map((plane) => `bit_count((code # ${code}) & ${plane})`)
  const weighted = `(${one} + 2 * ${two} + 4 * ${four})`
  const estimates = estimatesDistances(family.kind)
  const [coarse, fine, last] = estimates
    ? [
        `code.norm * code.norm - code.scale * ($7::float8 * pi() - $7::float8 * ${perBit}::float8 * hamming_distance(code.code, ${code}))`,
        `norm * norm - scale * 2 * ($7::float8 - 2 * $6::float8 * ${weighted})`,
        '$8',
      ]
    : [`bit_count(code.code # ${code})`, weighted, '$6']
  // The buckets come by a subquery, so that the plan does not depend on how many there are, and is kept.
  return `select key, hamming_distance(code, ${code})::int as hamming
  from (
    select code.key, code.code, code.norm, code.scale
    from ${table} as code
    ${stage === 'buckets' ? `where code.bucket = any(array(select unnest(${last}::int[])))` : ''}
    order by ${coarse}, code.key
    limit ${SHORTLIST * candidates}
  ) as shortlist
  order by ${fine}, key
  limit ${candidates}`
}

function statement(index: OpenIndex, k: number, candidates: string, settings: string): string {
  const { relation, keyType } = index
  const [key, vector] = [index.keyColumn, index.vectorColumn].map((name) =>
    pg.escapeIdentifier(name),
  )
  // Limits are written out, since the server plans by them.
  return `with candidate as materialized (
  ${candidates}
), ranked as materialized (
  select candidate.key, l2_distance(source.${vector}, $1::vector) as distance, candidate.hamming
  from candidate
    join ${relation} as source on source.${key} = candidate.key
  order by distance, key
  limit ${k}
)
select key, distance, hamming
from ranked
where (select count(*) from ranked) = ${k}
union all
select wider.key::${keyType}, wider.distance, wider.hamming
from lsh.search(${pg.escapeLiteral(index.name)}, $1::vector, ${settings}) as wider
where (select count(*) from ranked) < ${k}
order by distance, key`
}
