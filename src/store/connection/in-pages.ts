/**
 * Yields rows page by page, in the order of their keys.
 *
 * @param read - reads the next page, of rows whose key is greater than the given one; an empty page ends the sequence
 * @param start - the key after which the first page begins
 */
export async function* inPages<Row>(
  read: (after: number) => Promise<Row[]>,
  keyOf: (row: Row) => number,
  start = 0,
): AsyncGenerator<Row[]> {
  for (let after = start; ;) {
    const rows = await read(after)
    const last = rows.at(-1)
    if (last === undefined) return
    after = keyOf(last)
    yield rows
  }
}
