import { sql, type RawBuilder } from 'kysely'
import { LshError } from '../core/errors.js'
import { bucketCount, estimatesDistances } from '../hash/family.js'
import type { HashedVector } from './hash-query.js'
import { candidatesBy, hashedValues, type HashedStage } from './hashed-candidates.js'
import {
  askedOnce,
  assertCount,
  foundBy,
  vectorParameter,
  type AnyQuery,
} from './nearest-arguments.js'
import type { OpenIndex } from './open-index.js'
import { passes } from './push-conditions.js'

/** With conditions so many times as many buckets are visited: as `lsh._plan` has it. */
const MORE_BUCKETS = 4
/** And so many passing rows are wanted for each that is returned. */
const PASSING = 8

/** Whether a search is one of those that are put together here; the others only the database knows. */
export function isHashedHere(query: AnyQuery, index: OpenIndex): query is HashedHere {
  const { stage = index.stage ?? 'buckets', ranking = index.ranking } = query
  const best = estimatesDistances(index.family.kind) ? 'estimate' : 'asymmetric'
  return (stage === 'buckets' || stage === 'scan') && (ranking === null || ranking === best)
}

type HashedHere = AnyQuery & { stage?: HashedStage }

/**
 * What finds the rows nearest to a query that is hashed here: candidates by their codes, re-ranked by exact distance.
 * Conditions are looked up row by row, for the codes that are visited. Where too few rows pass, `lsh.nearest` goes on.
 */
export function hashedSource(
  query: HashedHere,
  { index, vector }: HashedVector,
  filtered: boolean,
): RawBuilder<unknown> {
  assertIndexOf(index, query)
  const { table, key, k = 10, exclude = [] } = query
  const stage = query.stage ?? (index.stage === 'scan' ? 'scan' : 'buckets')
  const { candidates: wanted = index.candidates } = query
  const { probes = filtered ? MORE_BUCKETS * index.probes : index.probes } = query
  for (const [name, value] of Object.entries({ k, candidates: wanted, probes }))
    assertCount(name, value)
  const candidates = Math.max(k, wanted)
  const all = index.family.kind === 'residual' ? bucketCount(index.family) : 1
  const visited = stage === 'scan' ? all : probes
  const hashed = hashedValues(index, index.hasher.hash(vector, visited), stage)
  const conditions: RawBuilder<unknown>[] = []
  if (exclude.length > 0)
    conditions.push(sql`code.key <> all(${exclude.map(String)}::${sql.raw(index.keyType)}[])`)
  if (filtered) conditions.push(passes(table, key, sql`code.key`))
  const by = candidatesBy(
    index,
    hashed.map(([type, value]) => sql`${value}::${sql.raw(type)}`),
    {
      candidates,
      stage,
      ...(conditions.length > 0 && { condition: sql.join(conditions, sql` and `) }),
    },
  )
  const enough = sql.lit(filtered ? Math.min(PASSING * k, candidates) : k)
  const [limit, vectors] = [sql.lit(k), sql.id(index.vectorColumn)]
  // A row by a name that no column has, or the column would be meant.
  return sql`(with candidate as materialized (
  ${by}
), ranked as materialized (
  select lsh_row as near, l2_distance(lsh_row.${vectors}, ${vectorParameter(vector)}) as distance, candidate.hamming
  from candidate
    join ${sql.table(table)} as lsh_row on lsh_row.${sql.id(key)} = candidate.key
  order by 2, lsh_row.${sql.id(key)}
  limit ${limit}
), enough as materialized (
  select (select count(*) from candidate) >= ${enough} and (select count(*) from ranked) = ${limit} as reached
)
select (ranked.near).*, ranked.distance, ranked.hamming
from ranked
where (select reached from enough)
union all
${foundBy({ ...query, index: index.name }, askedOnce(vector), filtered)}
where not (select reached from enough))`
}

function assertIndexOf({ name, schema, table, keyColumn }: OpenIndex, query: AnyQuery): void {
  const [own, wanted] = [`${schema}.${table}`, query.table]
  if (wanted !== own && wanted !== table) {
    throw new LshError(
      'bad_usage',
      `index "${name}" is one of table "${own}", not of "${wanted}"`,
      {
        hint: 'Open the index of the table that is searched.',
      },
    )
  }
  if (keyColumn !== query.key) {
    throw new LshError(
      'bad_usage',
      `keys of index "${name}" are in column "${keyColumn}", not in "${query.key}"`,
      {
        hint: `Search with { key: '${keyColumn}' }.`,
      },
    )
  }
}
