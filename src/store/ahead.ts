/**
 * The same sequence, its next part asked for while the present one is worked on. Whoever stops early waits for what was
 * asked for already, so that nothing goes on behind.
 */
export async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next()
  try {
    for (let found = await next; !found.done; found = await next) {
      next = source.next()
      // It is reported by the await above, which may come late.
      next.catch(() => undefined)
      yield found.value
    }
  } finally {
    await next.catch(() => undefined)
    await source.return(undefined)
  }
}
