import { vectorText } from '../../src/store/connection/types.js'
import { valueOf } from './asking.js'

/** Share of the `k` nearest rows that `lsh.search` finds in the buckets, among the rows that pass a filter. */
export function bucketRecall(
  on: Parameters<typeof valueOf>[0],
  index: string,
  queries: readonly ArrayLike<number>[],
  k: number,
  filter: object | null = null,
): Promise<number> {
  return valueOf<number>(
    on,
    `select avg((found.distance <= exact.distance)::int)::float8
     from unnest($1::text[]) as asked (vector)
       cross join lateral (
         select max(distance) as distance from lsh.search_exact($2, asked.vector::vector, $3, filter => $4)
       ) as exact
       cross join lateral lsh.search($2, asked.vector::vector, $3, stage => 'buckets', filter => $4) as found`,
    [queries.map((query) => vectorText(query)), index, k, filter && JSON.stringify(filter)],
  )
}
