import { describe, expect, it } from 'vitest'
import { isPassing, withRetry } from '../../../src/store/connection/retry.js'

const state = (code: string) =>
  Object.assign(new Error(`state ${code}`), { severity: 'ERROR', code })
const server = { engine: 'server' as const }

/** Work that fails a number of times before it succeeds. */
function failing(times: number, error: Error) {
  const tries = { count: 0 }
  const work = async () => {
    if (tries.count++ < times) throw error
    return 'done'
  }
  return { work, tries }
}

describe('withRetry', () => {
  it('repeats the work until the database is back, and reports each pause', async () => {
    const { work, tries } = failing(2, state('57P01'))
    const told: [string, number][] = []
    const onPause = (reason: string, pause: number) => told.push([reason, pause])
    expect(await withRetry(server, work, { onPause })).toBe('done')
    expect(tries.count).toBe(3)
    expect(told).toEqual([
      ['state 57P01', 250],
      ['state 57P01', 500],
    ])
  })

  it('gives up after the given number of seconds and throws the last error', async () => {
    const { work, tries } = failing(100, state('57P03'))
    await expect(withRetry(server, work, { seconds: 0.3 })).rejects.toThrow('state 57P03')
    expect(tries.count).toBeGreaterThan(1)
    expect(tries.count).toBeLessThan(6)
  })

  it('tries once if the database refuses the work, and on the embedded engine', async () => {
    const refused = failing(1, state('23505'))
    await expect(withRetry(server, refused.work)).rejects.toThrow('23505')
    const embedded = failing(1, state('57P01'))
    await expect(withRetry({ engine: 'embedded' }, embedded.work)).rejects.toThrow('57P01')
    expect([refused.tries.count, embedded.tries.count]).toEqual([1, 1])
  })

  it('ends a pause when it is aborted', async () => {
    const controller = new AbortController()
    const { work } = failing(100, state('08006'))
    const onPause = () => controller.abort(new Error('stopped'))
    const { signal } = controller
    await expect(withRetry(server, work, { signal, onPause })).rejects.toThrow('stopped')
  })
})

describe('isPassing', () => {
  it.each([
    ['a shutdown', state('57P01')],
    ['a full disk', state('53100')],
    ['a deadlock', state('40P01')],
    ['a refused connection', Object.assign(new Error(''), { code: 'ECONNREFUSED' })],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a cause that passes', new Error('no connection', { cause: state('57P03') })],
  ])('is true for %s', (_, error) => {
    expect(isPassing(error)).toBe(true)
  })

  it.each([
    ['a doubled key', state('23505')],
    ['a cancelled statement', state('57014')],
    ['a file', Object.assign(new Error('x'), { code: 'ENOENT' })],
    ['nothing of the kind', 'text'],
  ])('is false for %s', (_, error) => {
    expect(isPassing(error)).toBe(false)
  })
})
