import { sql, type RawBuilder } from 'kysely'
import type { OpenIndex } from './open-index.js'

export interface RankedByOptions {
  vector: RawBuilder<unknown>
  /** Expression to keep of each row found: of `lsh_row` or of `lsh_candidate`. */
  found: RawBuilder<unknown>
  /** Rows to find. */
  k: number
  /** Number of candidates that is enough for a result. */
  enough: number
}

/**
 * Ranks candidates by exact distance: `lsh_ranked` has the k nearest, and `reached` of `lsh_enough` tells whether they
 * are valid. They are not if there are too few candidates, or if the index has another family than when it was opened.
 */
export function rankedBy(
  index: OpenIndex,
  candidates: RawBuilder<unknown>,
  { vector, found, k, enough }: RankedByOptions,
): RawBuilder<unknown> {
  const { id, familyId, relation, keyColumn, vectorExpression, vectorSchema } = index
  // Limits are literals, because the planner uses them.
  const [limit, key] = [sql.lit(k), sql.id(keyColumn)]
  return sql`with lsh_candidate as materialized (
  ${candidates}
), lsh_ranked as materialized (
  select ${found}, ${sql.raw(vectorSchema)}.l2_distance(${sql.raw(vectorExpression)}, ${vector}) as distance, lsh_candidate.hamming
  from lsh_candidate
    join ${sql.raw(relation)} as lsh_row on lsh_row.${key} = lsh_candidate.key
  order by 2, lsh_candidate.key
  limit ${limit}
), lsh_enough as materialized (
  select (select count(*) from lsh_candidate) >= ${sql.lit(enough)}
    and (select count(*) from lsh_ranked) = ${limit}
    and exists (
      select from lsh.index where id = ${sql.lit(id)} and family_id = ${sql.lit(familyId)} and state = 'ready'
    ) as reached
)`
}
