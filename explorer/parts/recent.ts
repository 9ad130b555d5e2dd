/**
 * A cache of the most recently requested values by key, with a limit, so that a long session does not fill the memory.
 */
export function recent<T>(most: number, load: (key: string) => Promise<T>) {
  const kept = new Map<string, Promise<T>>()
  return (key: string): Promise<T> => {
    const standing = kept.get(key)
    if (standing) {
      // Moves it to the end of the insertion order; the first entry is the least recently used.
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
