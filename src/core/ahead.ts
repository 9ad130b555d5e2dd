export interface AheadOptions<Item> {
  /** Maximum total cost of items in progress or not yet taken; one item is always allowed. */
  limit: number
  /** Cost of an item. (Default: 1) */
  cost?: (item: Item) => number
}

/**
 * Works on items ahead of the consumer and yields the results in the order of the items. It works on as many items as
 * the maximum cost allows, and starts no others until the consumer takes a result.
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
    // Released here, when the consumer has finished with the result and asks for the next.
    spent -= first.cost
  }

  for await (const item of items) {
    const price = cost(item)
    while (queue.length > 0 && spent + price > limit)
      for (const result of take()) yield await result
    const result = work(item)
    // After the consumer stops, later failures must not surface as unhandled rejections.
    result.catch(() => undefined)
    queue.push({ result, cost: price })
    spent += price
  }
  while (queue.length > 0) for (const result of take()) yield await result
}
