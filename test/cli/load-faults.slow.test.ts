import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { random } from '../../src/core/random.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import type { Store } from '../../src/store/connection/connect.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { makeIndex } from '../store/codes/made-space.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallPixels } from '../store/encode/trained.js'
import { ownServer, type OwnServer } from './own-server.js'
import { openPlace, type Place } from './place.js'
import { cli, resultOf, useCli } from './run.js'
import { snapshot } from './snapshot.js'
import { writeTinyPlans } from './tiny-plans.js'

useCli()

const PLANS = 48
const KILLS = 50
let tree: string
let undisturbed: string[]
/** Milliseconds that an undisturbed load takes on this machine. */
let calm: number

/** A load that also encodes and hashes. */
const load = () => [
  ...['load', 'openkbp', tree, '--dataset', 'tiny', '--encode', 'small', '--json'],
  ...['--retry', '120'],
]

/** Creates a space with an encoder and an index that hold the slices of a first plan. */
async function prepare(store: Store): Promise<void> {
  const encoder = await smallPixels()
  await store.transaction((transaction) =>
    addEncoder(transaction, encoder, { name: 'small', dataset: 'tiny', trainedOn: [] }),
  )
  await loadPlan(store, 'made', smallPlan({ number: 1, slices: 20, side: 16 }))
  await encodeSpace(store, 'small')
  await makeIndex(store, 'small', { maintain: 'loader' })
  await fillIndex(store, 'small')
}

async function expectUndisturbed(place: Pick<Place, 'withStore'>): Promise<void> {
  const rows = await place.withStore(snapshot)
  expect(rows.filter((row) => row.startsWith('plan '))).toHaveLength(PLANS + 1)
  expect(rows).toEqual(undisturbed)
}

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'pg-lsh-faults-'))
  await writeTinyPlans(tree, PLANS)
  const place = await openPlace()
  await place.withStore(prepare)
  const began = performance.now()
  expect((await cli(load(), { place: place.db })).code).toBe(0)
  calm = performance.now() - began
  undisturbed = await place.withStore(snapshot)
  await place.remove()
}, 300_000)
afterAll(() => rm(tree, { recursive: true, force: true }))

describe('pg-lsh load, killed at 50 random moments', () => {
  it('produces the database of an undisturbed run', async () => {
    const place = await openPlace()
    onTestFinished(() => place.remove())
    await place.withStore(prepare)
    const source = random(5)
    const counts: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const wait = (0.1 + 0.7 * source.uniform()) * calm
      const run = await cli(load(), { place: place.db, killAfter: wait })
      const count = await place.withStore((store) => wholePlans(store, run.code === 0))
      counts.push(count)
    }
    // Most runs are killed in the middle of the work; how many depends on the load of the machine.
    expect(counts.filter((count) => count > 0 && count < PLANS).length).toBeGreaterThan(KILLS / 4)
    const last = await cli(load(), { place: place.db })
    expect(resultOf(last)).toMatchObject({ refused: [] })
    await expectUndisturbed(place)
  }, 900_000)
})

/** The number of loaded plans, each of which must be complete; with `all`, deletes them for the next round. */
async function wholePlans({ pool }: Store, all: boolean): Promise<number> {
  const { rows } = await pool.query<{ plans: number; broken: number }>(
    `select count(*)::int as plans,
       count(*) filter (
         where (select count(*) from cbir.slice where plan_id = plan.id) <> 2
           or (select count(*) from cbir.structure where plan_id = plan.id) <> 2)::int as broken
     from cbir.plan
     where source_key like 'train-pats/%'`,
  )
  expect(rows[0]?.broken).toBe(0)
  if (all)
    await pool.query(
      `select cbir.delete_plan(id) from cbir.plan where source_key like 'train-pats/%'`,
    )
  return rows[0]?.plans ?? 0
}

// The tests create a server of their own, which only root can do.
describe.runIf(inject('engine') === 'server' && process.getuid?.() === 0)('pg-lsh load', () => {
  let server: OwnServer | undefined
  beforeAll(async () => {
    server = await ownServer()
  }, 300_000)
  afterAll(() => server?.remove())

  it('waits for a server that restarts, and continues', async () => {
    const own = server as OwnServer
    const place = await own.openPlace('restarted')
    await place.withStore(prepare)
    const loading = cli(load(), { place: place.db })
    // Restart once the first plans are loaded but most are not.
    while ((await place.withStore((store) => wholePlans(store, false))) < 3) await setTimeout(20)
    await own.restart()
    const run = await loading
    expect(run.stderr).toMatch(/trying again/)
    expect(resultOf(run)).toMatchObject({ loaded: PLANS, refused: [] })
    await expectUndisturbed(place)
  }, 300_000)

  it('stops with a remedy when the disk is full, and the next run continues', async () => {
    const own = server as OwnServer
    const place = await own.openPlace('full', { megabytes: 100 })
    await place.withStore(prepare)
    await own.leave('full', { kilobytes: 100 })
    const full = await cli([...load(), '--retry', '1'], { place: place.db })
    expect(full.code).not.toBe(0)
    expect(full.stderr).toContain('No space left on device')
    expect(full.stderr).toContain('Free space on the disk of the database')
    await own.leave('full', { kilobytes: 100_000 })
    const count = await place.withStore((store) => wholePlans(store, false))
    expect(count).toBeLessThan(PLANS)
    expect(resultOf(await cli(load(), { place: place.db }))).toMatchObject({ refused: [] })
    await expectUndisturbed(place)
  }, 300_000)
})
