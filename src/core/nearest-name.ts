/** Names that are listed at most. */
const LISTED = 12
/** Edits after which nobody would take one name for the other. */
const MOST_EDITS = 3

/** What to say where a name is unknown: the nearest that there is, if one is near enough to be meant, and all of them. */
export function suggestName(name: string, names: readonly string[]): string {
  const near = nearestName(name, names)
  return near === null ? listNames(names) : `Did you mean "${near}"? ${listNames(names)}`
}

/** The names that there are, or the first of many. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'There is none.'
  const listed = [...names].sort().slice(0, LISTED).join(', ')
  const rest = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  return `There ${names.length === 1 ? 'is only' : 'are'} ${listed}${rest}.`
}

/** The name that takes the fewest edits, if those are few for its length; the first in order of those that tie. */
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
 * Characters that have to be inserted, removed, replaced, or exchanged with their neighbours to make one text of another:
 * the optimal string alignment after Damerau (1964), in O(a·b).
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
