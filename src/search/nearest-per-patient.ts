/** Rows of the first search for each wanted patient: several neighbours often belong to one patient. */
const FIRST_FACTOR = 8
/** Factor by which the next search is larger. */
const GROWTH = 4

/**
 * The nearest row of each of the `k` nearest patients, nearest first; fewer where there are no more patients. `find`
 * returns the given number of nearest rows in order, as `similarSlices` does, and fewer only if there are no more.
 */
export async function nearestPerPatient<Row extends { readonly patient: string }>(
  find: (count: number) => Promise<readonly Row[]>,
  k: number,
): Promise<Row[]> {
  for (let count = FIRST_FACTOR * k; ; count *= GROWTH) {
    const rows = await find(count)
    const first = firstOfEach(rows, ({ patient }) => patient)
    if (first.length >= k || rows.length < count) return first.slice(0, k)
  }
}

/** The first row of each patient, in the order of the rows. */
export function firstOfEach<Row>(
  rows: readonly Row[],
  patientOf: (row: Row) => string | number | undefined,
): Row[] {
  const seen = new Set<string | number | undefined>()
  return rows.filter((row) => {
    const patient = patientOf(row)
    if (seen.has(patient)) return false
    seen.add(patient)
    return true
  })
}
