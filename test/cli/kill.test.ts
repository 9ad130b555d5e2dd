import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallEncoder } from '../store/encode/trained.js'
import { openPlace, type Place } from './place.js'
import { cli, resultOf, useCli } from './run.js'
import { snapshot } from './snapshot.js'
import { writeTinyPlans } from './tiny-plans.js'

useCli()

/** Number of kills of one command. */
const kills = 3
const counting = new URL('count-statements.mjs', import.meta.url).href

interface Work {
  readonly args: readonly string[]
  /** Statements that an undisturbed run sends. */
  readonly statements: number
  readonly seed: number
  /** How many parts are done, and of how many; also checks that no part is incomplete. */
  done(place: Place): Promise<readonly [number, number]>
}

/** A run whose statements are counted; with `killAt`, it is killed `wait` ms after it sends that statement. */
async function countedRun(args: readonly string[], place: Place, killAt = 0, wait = 0) {
  const env = { NODE_OPTIONS: `--import=${counting}`, PG_LSH_TEST_STATEMENT: String(killAt) }
  const run = await cli(args, {
    place: place.db,
    env,
    onStderr: (text, kill) => {
      if (text.includes('marked statement')) setTimeout(kill, wait)
    },
  })
  return { ...run, statements: Number(/(\d+) statements/.exec(run.stderr)?.[1] ?? 0) }
}

/**
 * Kills a command at seeded moments, one in each of the first parts of its work. Each run continues where the previous
 * one was killed.
 */
async function killAgainAndAgain(place: Place, work: Work): Promise<void> {
  const { args, statements, seed, done } = work
  const source = random(seed)
  let killed = 0
  let between = 0
  for (let turn = 0; turn < kills; turn++) {
    const share = (turn + 0.4 + 0.6 * source.uniform()) / (kills + 1)
    const killAt = Math.round(share * statements)
    const run = await countedRun(args, place, killAt, source.integer(0, 20))
    const [some, all] = await done(place)
    if (run.code === null) killed++
    if (some > 0 && some < all) between++
  }
  // On a very busy machine the last run may end before it is killed.
  expect(killed).toBeGreaterThanOrEqual(kills - 1)
  expect(between).toBeGreaterThanOrEqual(1)
}

describe('pg-lsh load, killed and run again', () => {
  const plans = 12
  let tree: string
  let [calm, killed]: (Place | undefined)[] = []

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'pg-lsh-kill-'))
    await writeTinyPlans(tree, plans)
    calm = await openPlace()
    killed = await openPlace()
  })
  afterAll(async () => {
    await calm?.remove()
    await killed?.remove()
    await rm(tree, { recursive: true, force: true })
  })

  it('produces the database of an undisturbed run, with complete plans at every moment', async () => {
    const [undisturbed, disturbed] = [calm as Place, killed as Place]
    const args = ['load', 'openkbp', tree, '--dataset', 'tiny', '--json', '--quiet']
    const first = await countedRun(args, undisturbed)
    expect(resultOf(first)).toMatchObject({ loaded: plans, refused: [] })

    await killAgainAndAgain(disturbed, {
      args,
      statements: first.statements,
      seed: 11,
      done: (place) =>
        place.withStore(async ({ pool }) => {
          const { rows } = await pool.query<{ plans: number; broken: number }>(
            `select count(*)::int as plans,
               count(*) filter (
                 where (select count(*) from cbir.slice where plan_id = plan.id) <> 2
                   or (select count(*) from cbir.structure where plan_id = plan.id) <> 2)::int as broken
             from cbir.plan`,
          )
          expect(rows[0]?.broken).toBe(0)
          return [rows[0]?.plans ?? 0, plans] as const
        }),
    })
    const last = await cli(args, { place: disturbed.db })
    expect(last.code).toBe(0)
    const expected = await undisturbed.withStore(snapshot)
    expect(expected.length).toBe(plans * (1 + 1 + 2 + 2 + 2))
    expect(await disturbed.withStore(snapshot)).toEqual(expected)
  }, 240_000)
})

describe('pg-lsh encode, killed and run again', () => {
  const slices = 1500
  let place: Place | undefined

  beforeAll(async () => {
    place = await openPlace()
    const trained = await smallEncoder()
    await place.withStore(async (store) => {
      await store.transaction((transaction) =>
        addEncoder(transaction, trained, { name: 'small', dataset: 'made', trainedOn: [] }),
      )
      // The first plan is encoded and hashed, so that encoding the others also writes codes.
      await loadPlan(store, 'made', smallPlan({ number: 1, slices: 50 }))
      await encodeSpace(store, 'small')
      await sql`select lsh.create_family('small', 'space.small', 'embedding', bits => 128)`.execute(
        store.db,
      )
      await sql`select lsh.create_index('space.small', 'embedding', 'small', 'small', maintain => 'loader')`.execute(
        store.db,
      )
      await fillIndex(store, 'small')
      for (let number = 2; number <= 31; number++)
        await loadPlan(store, 'made', smallPlan({ number, slices: slices / 30, side: 32 }))
    })
  })
  afterAll(() => place?.remove())

  it('produces the features and codes of an undisturbed run, bit for bit', async () => {
    const work = place as Place
    const args = ['encode', '--space', 'small', '--json', '--quiet']
    const first = await countedRun(args, work)
    expect(resultOf(first)).toEqual({ space: 'small', items: slices })
    const expected = await work.withStore(snapshot)
    expect(expected.filter((row) => row.startsWith('index small'))).toHaveLength(slices + 50)

    await work.withStore(async ({ pool }) => {
      const others = `(select item_id from cbir.slices where plan <> 'made/pt_1')`
      await pool.query(`delete from space.small where item_id in ${others};
        delete from lsh_index.small where key in ${others}`)
    })
    await killAgainAndAgain(work, {
      args,
      statements: first.statements,
      seed: 12,
      done: (database) =>
        database.withStore(async ({ pool }) => {
          const { rows } = await pool.query<{ features: number; codes: number; both: number }>(
            `select (select count(*)::int from space.small) as features,
               (select count(*)::int from lsh_index.small) as codes,
               (select count(*)::int from space.small join lsh_index.small on key = item_id) as both`,
          )
          const { features, codes, both } = rows[0] as (typeof rows)[number]
          expect([codes, both]).toEqual([features, features])
          return [features - 50, slices] as const
        }),
    })
    const last = await cli(args, { place: work.db })
    expect(last.code).toBe(0)
    expect(await work.withStore(snapshot)).toEqual(expected)
  }, 240_000)
})
