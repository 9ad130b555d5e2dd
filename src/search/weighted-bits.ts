import { sql, type Expression, type RawBuilder } from 'kysely'

/**
 * Sum of the quantised margins of a query over the bits in which a code differs, by bit planes:
 * `lsh_internal.weighted`.
 *
 * @param planes of value 1, 2, 4 and so on
 */
export function weightedBits(
  code: Expression<unknown>,
  own: unknown,
  planes: readonly unknown[],
): RawBuilder<number> {
  const sums = planes.map((plane, power) => {
    const ones = sql`pg_catalog.bit_count((${code} # ${own}) & ${plane})`
    return power === 0 ? ones : sql`${sql.lit(2 ** power)} * ${ones}`
  })
  return sql`(${sql.join(sums, sql` + `)})`
}
