import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectDemo } from './demo.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-demo-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

// demo.slow.test.ts runs the demo on a server. Each test continues after the previous one.
describe.runIf(inject('engine') === 'embedded')('pg-lsh demo on a small cohort', () => {
  it('prints one JSON object, writes a page with pictures, and suggests statements that run', async () => {
    await expectDemo(place, folder, { patients: 12, queries: 10 })
  }, 240_000)

  it('leaves a database on which pg-lsh search and pg-lsh compare work', async () => {
    const { rows } = await place.withStore(({ pool }) =>
      pool.query<{ item: number }>('select min(item_id) as item from space.joint_shallow'),
    )
    const item = String(rows[0]?.item)
    const found = await cli(['search', '--space', 'joint_shallow', '--item', item, '-k', '3'], {
      place: place.db,
    })
    expect(found.code).toBe(0)
    expect(found.stdout.match(/phantom\/phantom-\d{3}/g)).toHaveLength(3)
    const compared = await cli(
      ['compare', '--space', 'dose_shallow', '--queries', '5', '--per-query', '--json'],
      { place: place.db },
    )
    const result = resultOf(compared) as {
      queries: number
      perQuery: { dice: number; jaccard: number }[]
    }
    expect(result).toMatchObject({ space: 'dose_shallow', k: 10, queries: 5 })
    expect(result.perQuery).toHaveLength(5)
    for (const { dice, jaccard } of result.perQuery)
      expect(jaccard).toBeCloseTo(dice / (2 - dice), 9)
  })
})
