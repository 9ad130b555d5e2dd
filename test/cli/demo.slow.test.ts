import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectDemo } from './demo.js'
import { usePlace } from './place.js'
import { useCli } from './run.js'

useCli()
const place = usePlace()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-lsh-demo-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('pg-lsh demo with default options', () => {
  it('reaches the expected recall in CT', async () => {
    const { spaces } = await expectDemo(place, folder, { patients: 24, queries: 200 })
    expect(spaces.ct_shallow?.dice_at_10).toBeGreaterThanOrEqual(0.55)
    expect(spaces.ct_shallow?.recall_at_10).toBeGreaterThanOrEqual(0.97)
  }, 600_000)

  it('runs a second time without loading, training or encoding', async () => {
    const { seconds, plans } = await expectDemo(place, folder, { patients: 24, queries: 20 })
    expect(plans).toBe(24)
    expect(seconds.train).toBeLessThan(2)
    expect(seconds.encode).toBeLessThan(5)
  }, 600_000)
})
