/** Evenly spaced elements of a list, or all of it; of queries in the order of their plans, some of each patient. */
export function spread<T>(list: readonly T[], wanted: number): T[] {
  const count = Math.min(wanted, list.length)
  return Array.from({ length: count }, (_, i) => {
    return list[Math.floor(((i + 0.5) * list.length) / count)] as T
  })
}
