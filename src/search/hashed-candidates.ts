import { sql, type RawBuilder } from 'kysely'
import { bucketCount } from '../hash/family.js'
import { encodeField } from '../store/connection/copy-format.js'
import type { OpenIndex } from './open-index.js'
import { weightedBits } from './weighted-bits.js'
import { KINDS } from '../hash/kinds.js'

/** Number of codes ranked by margins for each re-ranked candidate, as in `lsh_internal.candidates`. */
const SHORTLIST = 4

type Values = readonly (readonly [type: string, value: unknown])[]

/** Source of the candidates of a hashed query: the codes of the best buckets, or all codes. */
export type HashedStage = 'buckets' | 'scan'

/**
 * Hashes a query. Returns the types and values of the parameters, in the order that `candidatesBy` expects.
 *
 * @param probes buckets to visit at stage buckets
 */
export function hashedValues(
  { family, hash }: OpenIndex,
  vector: Float32Array,
  stage: HashedStage,
  probes: number,
): Values {
  // A scan needs no buckets. For codes within cells it needs the description of the query in each cell.
  const all = KINDS[family.kind].withinCells ? bucketCount(family) : 1
  const { buckets, by } = hash(vector, stage === 'scan' ? all : probes)
  const visited = ['int[]', encodeField('int4[]', buckets)] as const
  const bit = `bit(${family.bits})`
  if ('codes' in by) {
    const { codes, sizes, distances } = by
    const perBit = (2 * Math.PI) / family.bits
    return [
      visited,
      [`${bit}[]`, encodeField('bit[]', codes)],
      ['float8[]', encodeField('float8[]', distances)],
      [
        'float8[]',
        encodeField(
          'float8[]',
          sizes.map((size) => Math.PI * size),
        ),
      ],
      [
        'float8[]',
        encodeField(
          'float8[]',
          sizes.map((size) => perBit * size),
        ),
      ],
    ]
  }
  const { code, planes, step, size } = by
  const values: [string, unknown][] = [code, ...planes].map((value) => [
    bit,
    encodeField('bit', value),
  ])
  if ('sizes' in by)
    return [...values, ['float8', step], visited, ['float8[]', encodeField('float8[]', by.sizes)]]
  if (KINDS[family.kind].estimates) values.push(['float8', step], ['float8', size])
  return stage === 'buckets' ? [...values, visited] : values
}

export interface CandidateOptions {
  /** Codes to find. */
  candidates: number
  stage: HashedStage
  /**
   * Condition on the row of a code (`lsh_code.key`). Our own names begin with lsh_, so that they do not hide names in
   * the condition.
   */
  condition?: RawBuilder<unknown>
}

/**
 * Key and Hamming distance of the best candidates by their codes, as in `lsh_internal.candidates`.
 *
 * @param parameters the values of `hashedValues`, or places for them
 */
export function candidatesBy(
  index: OpenIndex,
  parameters: readonly RawBuilder<unknown>[],
  options: CandidateOptions,
): RawBuilder<unknown> {
  const { family, name, vectorSchema } = index
  const { candidates, stage, condition } = options
  const table = sql.id('lsh_index', name)
  const passing = condition && sql`and ${condition}`
  const nothing = sql``
  const hammingDistance = sql`${sql.raw(vectorSchema)}.hamming_distance`
  // Limits are literals, because the planner uses them.
  const limit = (rows: number) => sql`limit ${sql.lit(rows)}`
  // Arrays come from subqueries: PostgreSQL would make a new plan for every query if the plan depended on their length.
  const arrays = parameters.map((parameter) => sql`(select ${parameter})`)
  if (family.kind === 'residual') {
    // "offset 0" makes PostgreSQL compute each Hamming distance once.
    return sql`select key, hamming::int
  from (
    select lsh_code.key, lsh_code.norm::float8 as norm, lsh_code.scale, lsh_probe.distance, lsh_probe.most, lsh_probe.per_bit,
      ${hammingDistance}(lsh_code.code, lsh_probe.code) as hamming
    from rows from (${sql.join(arrays.map((array) => sql`pg_catalog.unnest(${array})`))})
      as lsh_probe (bucket, code, distance, most, per_bit)
      join ${table} as lsh_code on lsh_code.bucket = lsh_probe.bucket
    where true ${passing ?? nothing}
    offset 0
  ) as lsh_visited
  order by distance + norm * norm - scale * (most - per_bit * hamming), key
  ${limit(candidates)}`
  }
  const planeCount = KINDS[family.kind].planes
  const [code, planes, others] = [
    parameters[0],
    parameters.slice(1, 1 + planeCount),
    parameters.slice(1 + planeCount),
  ]
  if (family.kind === 'scalar') {
    const [step, buckets, sizes] = others
    const weighed = weightedBits(sql`lsh_code.code`, code, planes)
    return sql`select lsh_code.key, ${hammingDistance}(lsh_code.code, ${code})::int as hamming
  from rows from (pg_catalog.unnest((select ${buckets})), pg_catalog.unnest((select ${sizes}))) as lsh_probe (bucket, size)
    join ${table} as lsh_code on lsh_code.bucket = lsh_probe.bucket
  where true ${passing ?? nothing}
  order by lsh_code.norm::float8 * lsh_code.norm - 2 * (lsh_probe.size - 2 * ${step} * ${weighed}), lsh_code.key
  ${limit(candidates)}`
  }
  const weighted = weightedBits(sql`code`, code, planes)
  const perBit = sql.lit((2 * Math.PI) / family.bits)
  const estimates = KINDS[family.kind].estimates
  const [step, size] = others
  const [coarse, fine] = estimates
    ? [
        sql`lsh_code.norm::float8 * lsh_code.norm
      - lsh_code.scale * (${size} * pg_catalog.pi() - ${size} * ${perBit}::float8 * ${hammingDistance}(lsh_code.code, ${code}))`,
        sql`norm::float8 * norm - scale * 2 * (${size} - 2 * ${step} * ${weighted})`,
      ]
    : [sql`pg_catalog.bit_count(lsh_code.code # ${code})`, weighted]
  const inBuckets = sql`and lsh_code.bucket = any(array(select pg_catalog.unnest(${others.at(-1)})))`
  return sql`select key, ${hammingDistance}(code, ${code})::int as hamming
  from (
    select lsh_code.key, lsh_code.code, lsh_code.norm, lsh_code.scale
    from ${table} as lsh_code
    where true ${stage === 'buckets' ? inBuckets : nothing} ${passing ?? nothing}
    order by ${coarse}, lsh_code.key
    ${limit(SHORTLIST * candidates)}
  ) as lsh_shortlist
  order by ${fine}, key
  ${limit(candidates)}`
}
