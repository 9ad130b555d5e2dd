import { sql, type RawBuilder } from 'kysely'
import type { OpenIndex } from './open-index.js'

export interface RankedByOptions {
  vector: RawBuilder<unknown>
  /** What is kept of a row that was found: of `lsh_row`, or of `lsh_candidate`. */
  found: RawBuilder<unknown>
  /** Rows to find. */
  k: number
  /** Candidates that are enough for the k rows to be the nearest. */
  enough: number
}

/**
 * The k nearest among candidates by exact distance, as `lsh_ranked`, and in `lsh_enough` whether that is an answer
 * (`reached`): not where there are too few, nor where the index has another family by now than it was opened with.
 */
export function rankedBy(
  index: OpenIndex,
  candidates: RawBuilder<unknown>,
  { vector, found, k, enough }: RankedByOptions,
): RawBuilder<unknown> {
  const { id, familyId, relation, keyColumn, vectorExpression, vectorSchema } = index
  // Limits are written out, since the server plans by them.
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
