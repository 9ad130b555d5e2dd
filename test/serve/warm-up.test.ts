import { describe, expect, it } from 'vitest'
import { warmUp } from '../../src/serve/warm-up.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace } from '../store/codes/made-space.js'

const database = useTestDatabase()

async function asked(): Promise<string[]> {
  const paths: string[] = []
  await warmUp(database.store, (path) => {
    paths.push(path)
    return new Response('{}')
  })
  return paths
}

describe('warmUp', () => {
  it('sends no request when the database has no index', async () => {
    expect(await asked()).toEqual([])
  })

  it('searches once in a space that has an index', async () => {
    await makeSpace(database.store, { dims: 8 })
    await makeIndex(database.store)
    await database.store.pool.query('analyze space.made')
    expect(await asked()).toEqual([
      expect.stringMatching(/^\/search\?space=made&item=\d+&k=12&exact=false$/),
    ])
  })
})
