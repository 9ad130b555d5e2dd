export interface AheadOptions<Item> {
  /** Cost of what is under way or not yet taken, at most; but one item always is. */
  limit: number
  /** (Default: 1 for each) */
  cost?: (item: Item) => number
}

/**
 * Works on items ahead of whoever takes the results, which come in the order of the items: as much is under
 * way as the costs allow, and no more is begun until a result is taken.
 */
export async function* ahead<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  options: AheadOptions<Item>,
): AsyncGenerator<Result, void, undefined> {
  const { limit, cost = () => 1 } = options
  const queue: { readonly result: Promise<Result>; readonly cost: number }[] = []
  let spent = 0

  function* take(): Generator<Promise<Result>> {
    const first = queue.shift()
    if (!first) return
    yield first.result
    // Held until here, when the one who took it is done with it and asks for the next.
    spent -= first.cost
  }

  for await (const item of items) {
    const price = cost(item)
    while (queue.length > 0 && spent + price > limit)
      for (const result of take()) yield await result
    const result = work(item)
    // Whoever stops taking must not be told of a failure later on by the event loop.
    result.catch(() => undefined)
    queue.push({ result, cost: price })
    spent += price
  }
  while (queue.length > 0) for (const result of take()) yield await result
}
