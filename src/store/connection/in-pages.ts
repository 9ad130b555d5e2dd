/** Yields rows in the order of their keys, page by page, each page after the last key; an empty page ends them. */
export async function* inPages<Row>(
  read: (after: number) => Promise<Row[]>,
  keyOf: (row: Row) => number,
  behind = 0,
): AsyncGenerator<Row[]> {
  for (let after = behind; ;) {
    const rows = await read(after)
    const last = rows.at(-1)
    if (last === undefined) return
    after = keyOf(last)
    yield rows
  }
}
