import { sql, type RawBuilder } from 'kysely'

import type { HashedVector } from './hash-query.js'
import { candidatesBy, hashedValues, type HashedStage } from './hashed-candidates.js'
import { askedOnce, foundBy, vectorParameter, type AnyQuery } from './nearest-arguments.js'
import { indexSettings, probesAmong } from './index-settings.js'
import type { OpenIndex } from './open-index.js'
import { rankedBy } from './ranked-by.js'
import type { SearchedRows } from './plain-filter.js'
import { passes } from './search-slots.js'
import { KINDS } from '../hash/kinds.js'

/** Share of the rows that conditions are expected to pass. If fewer pass, the database chooses how to search. */
const PASSING = 1 / 3
/** Share of the wanted candidates that must pass. */
const ENOUGH = 0.6

/** Whether the client builds the statement of a search; otherwise the database does. */
export function isHashedHere(query: AnyQuery, index: OpenIndex): query is HashedHere {
  if (index.distributed || query.candidates === 0) return false
  const { stage = index.stage ?? 'buckets', ranking = index.ranking } = query
  const best = KINDS[index.family.kind].estimates ? 'estimate' : 'asymmetric'
  return (stage === 'buckets' || stage === 'scan') && (ranking === null || ranking === best)
}

type HashedHere = AnyQuery & { stage?: HashedStage }

/**
 * Statement that finds the rows nearest to a query hashed in the client: candidates by their codes, re-ranked by exact
 * distance. It tests conditions row by row, in the order of the candidates. If too few rows pass, it calls
 * `lsh.nearest`.
 */
export function hashedSource(
  query: HashedHere,
  { index, vector }: HashedVector,
  among: SearchedRows,
): RawBuilder<unknown> {
  const filtered = among !== 'all'

  const { table, key, k = 10, exclude = [] } = query
  const stage = query.stage ?? (index.stage === 'scan' ? 'scan' : 'buckets')
  const usual = indexSettings(index, k)
  const { candidates: wanted = usual.candidates } = query
  const { probes = filtered ? probesAmong(index, k, PASSING) : usual.probes } = query
  const candidates = Math.max(k, wanted)
  const hashed = hashedValues(index, vector, stage, probes)
  const condition = sql`lsh_code.key <> all(${exclude.map(String)}::${sql.raw(index.keyType)}[])`
  const listed = candidatesBy(
    index,
    hashed.map(([type, value]) => sql`${value}::${sql.raw(type)}`),
    {
      candidates: filtered ? Math.ceil(candidates / PASSING) : candidates,
      stage,
      ...(exclude.length > 0 && { condition }),
    },
  )
  // A separate subquery: otherwise the planner might find the passing rows first and lose the order.
  const by = filtered
    ? sql`select lsh_listed.key, lsh_listed.hamming
  from (${listed}) as lsh_listed
  where (select ${passes(table, key, sql`lsh_listed.key`)})
  limit ${sql.lit(candidates)}`
    : listed
  const within = rankedBy(index, by, {
    vector: vectorParameter(vector),
    found: sql`lsh_row as near`,
    k,
    enough: filtered ? Math.max(k, Math.ceil(ENOUGH * candidates)) : k,
  })
  return sql`(${within}
select (lsh_ranked.near).*, lsh_ranked.distance, lsh_ranked.hamming
from lsh_ranked
where (select reached from lsh_enough)
union all
${foundBy(query, askedOnce(vector), among)}
where not (select reached from lsh_enough))`
}
