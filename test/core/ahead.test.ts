import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ahead } from '../../src/core/ahead.js'

/** Work whose tasks end when `open` is called for their item. */
function gatedWork() {
  const gates = new Map<number, (result: string) => void>()
  const started: number[] = []
  const work = (item: number) => {
    started.push(item)
    return new Promise<string>((resolve) => {
      gates.set(item, resolve)
    })
  }
  return { work, started, open: (item: number) => gates.get(item)?.(`done ${item}`) }
}

const soon = () => setTimeout(5)

describe('ahead', () => {
  it('yields results in the order of the items, in whatever order the tasks end', async () => {
    const { work, open } = gatedWork()
    const results = ahead([1, 2, 3], work, { limit: 3 })
    const first = results.next()
    await soon()
    for (const item of [3, 2, 1]) open(item)
    expect(await first).toEqual({ done: false, value: 'done 1' })
    expect([(await results.next()).value, (await results.next()).value]).toEqual([
      'done 2',
      'done 3',
    ])
  })

  it('starts no further task beyond the limit until a result has been taken and the next is requested', async () => {
    const { work, started, open } = gatedWork()
    const results = ahead([1, 2, 3, 4], work, { limit: 2 })
    const first = results.next()
    await soon()
    expect(started).toEqual([1, 2])
    open(1)
    await first
    expect(started).toEqual([1, 2])
    const second = results.next()
    await soon()
    expect(started).toEqual([1, 2, 3])
    open(2)
    await second
    await results.return()
    expect(started).toEqual([1, 2, 3])
  })

  it('works on one item at a time if each costs more than the limit', async () => {
    let [now, most] = [0, 0]
    const work = async (item: number) => {
      most = Math.max(most, ++now)
      await soon()
      now--
      return item
    }
    const results: number[] = []
    for await (const result of ahead([1, 2, 3], work, { limit: 10, cost: () => 11 }))
      results.push(result)
    expect([results, most]).toEqual([[1, 2, 3], 1])
  })

  it('throws the error of an item in its turn, after the results of earlier items', async () => {
    const work = async (item: number) => {
      if (item === 2) throw new Error('two')
      return item
    }
    const results: number[] = []
    const take = async () => {
      for await (const result of ahead([1, 2, 3], work, { limit: 3 })) results.push(result)
    }
    await expect(take()).rejects.toThrow('two')
    expect(results).toEqual([1])
  })
})
