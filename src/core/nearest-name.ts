/** Maximum number of listed names. */
const LISTED = 12
/** Number of edits above which two names are too different for a suggestion. */
const MOST_EDITS = 3

/** Hint for an unknown name: the most similar existing name, if one is similar enough, and a list of all names. */
export function suggestName(name: string, names: readonly string[]): string {
  const near = nearestName(name, names)
  return near === null ? listNames(names) : `Did you mean "${near}"? ${listNames(names)}`
}

/** Lists the names, or the first of many. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'There is none.'
  const listed = [...names].sort().slice(0, LISTED).join(', ')
  const rest = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  return `There ${names.length === 1 ? 'is only' : 'are'} ${listed}${rest}.`
}

/** The name with the fewest edits, if they are few for its length; the first of several. */
export function nearestName(name: string, names: readonly string[]): string | null {
  const meant = name.toLowerCase()
  let [nearest, least]: [string | null, number] = [null, Infinity]
  for (const one of [...names].sort()) {
    const longest = Math.max(meant.length, one.length)
    const few = Math.min(MOST_EDITS, Math.max(1, Math.floor(longest / 3)))
    const edits = editDistance(meant, one.toLowerCase())
    if (edits <= few && edits < least) [nearest, least] = [one, edits]
  }
  return nearest
}

/**
 * Number of characters to insert, remove, replace or swap with their neighbours to turn one text into another: the
 * optimal string alignment distance after Damerau (1964), in O(a·b).
 */
export function editDistance(a: string, b: string): number {
  const [from, to] = [Array.from(a), Array.from(b)]
  let older: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, replaced)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j]!, older[j - 2]! + 1)
    }
    older = last
    last = row
  }
  return last[to.length]!
}
