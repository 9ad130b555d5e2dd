/** What was asked for last, by key: so many at most, so that a long session does not fill the memory. */
export function recent<T>(most: number, load: (key: string) => Promise<T>) {
  const kept = new Map<string, Promise<T>>()
  return (key: string): Promise<T> => {
    const standing = kept.get(key)
    if (standing) {
      // Last in the order of insertion: the first is the one that waited longest.
      kept.delete(key)
      kept.set(key, standing)
      return standing
    }
    const loading = load(key)
    kept.set(key, loading)
    loading.catch(() => kept.delete(key))
    for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest)
    return loading
  }
}
