import { readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, inject, it } from 'vitest'
import { random } from '../../../src/core/random.js'
import { listOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import type { PlanSource } from '../../../src/ingest/plan-source.js'
import { openStore, type Store } from '../../../src/store/connection/connect.js'
import {
  loadPlans,
  type LoadedPlan,
  type LoadPlansOptions,
} from '../../../src/store/plans/load-plans.js'
import { choosePlans, unloadPlans } from '../../../src/store/plans/unload.js'
import { snapshot } from '../../cli/snapshot.js'
import { openTestDatabase } from '../../database.js'
import { tinyVolume, writeTree } from '../../ingest/fixtures.js'
import { openProxy } from '../connection/proxy.js'

const onServer = inject('engine') === 'server'

async function tree(plans: number): Promise<PlanSource[]> {
  const volumes = Array.from({ length: plans }, (_, i) => {
    return [`train-pats/pt_${i + 1}`, tinyVolume({ k: 40 + i, gy: 60 + i })] as const
  })
  const sources = await listOpenKbp(await writeTree(Object.fromEntries(volumes)))
  return sources.map((source) => ({ kind: 'openkbp', source }))
}

async function load(store: Store, sources: readonly PlanSource[], options?: LoadPlansOptions) {
  const loaded: LoadedPlan[] = []
  for await (const plan of loadPlans(store, 'tiny', sources, options)) loaded.push(plan)
  return loaded
}

const outcomes = (plans: readonly LoadedPlan[]) => plans.map(({ outcome }) => outcome)

function folderOf(source: PlanSource | undefined): string {
  if (source?.kind !== 'openkbp') throw new Error('not a plan of OpenKBP')
  return source.source.folder
}

/** Runs work on a migrated database that is closed afterwards. */
async function withDatabase(work: (store: Store, place: string) => Promise<void>): Promise<void> {
  const database = await openTestDatabase()
  try {
    await work(database.store, database.place)
  } finally {
    await database.close()
  }
}

describe('loadPlans', () => {
  it('skips plans whose files are unchanged, and rereads a touched one only once', async () => {
    await withDatabase(async (store) => {
      const sources = await tree(3)
      expect(outcomes(await load(store, sources))).toEqual(['loaded', 'loaded', 'loaded'])
      const fingerprints = async () =>
        (await store.db.selectFrom('cbir.plan').select('fingerprint').orderBy('id').execute()).map(
          ({ fingerprint }) => fingerprint,
        )
      const before = await fingerprints()
      expect(new Set(before).size).toBe(3)
      expect(outcomes(await load(store, sources))).toEqual(['unchanged', 'unchanged', 'unchanged'])
      const file = join(folderOf(sources[1]), 'ct.csv')
      await utimes(file, new Date(), new Date())
      expect(outcomes(await load(store, sources))).toEqual(['unchanged', 'unchanged', 'unchanged'])
      const after = await fingerprints()
      expect(after.map((one, i) => one === before[i])).toEqual([true, false, true])
    })
  })

  it('reads all plans again with reread, and refuses one that is broken by then', async () => {
    await withDatabase(async (store) => {
      const sources = await tree(2)
      await load(store, sources)
      await rm(join(folderOf(sources[0]), 'ct.csv'))
      const [first, second] = await load(store, sources, { reread: true })
      expect([first?.outcome, second?.outcome]).toEqual(['refused', 'unchanged'])
      expect(first?.refusal?.message).toBe('train-pats/pt_1/ct.csv is missing')
    })
  })

  it('keeps the stored dose of a plan whose dose.csv is missing or truncated, and says how to drop it', async () => {
    await withDatabase(async (store) => {
      const sources = await tree(3)
      await load(store, sources)
      const before = await snapshot(store)
      await rm(join(folderOf(sources[0]), 'dose.csv'))
      const cut = join(folderOf(sources[1]), 'dose.csv')
      const lines = (await readFile(cut, 'utf8')).split('\n')
      await writeFile(cut, lines.slice(0, lines.length >> 1).join('\n'))
      const again = await load(store, sources)
      expect(outcomes(again)).toEqual(['refused', 'refused', 'unchanged'])
      expect(again[0]?.refusal).toMatchObject({
        message: 'train-pats/pt_1 is stored with a dose, but its files have none',
        hint: expect.stringContaining(
          'pg-lsh unload --dataset tiny --plan train-pats/pt_1',
        ) as string,
      })
      expect(again[1]?.refusal?.message).toMatch(/^train-pats\/pt_2\/dose.csv line \d+: /)
      expect(await snapshot(store)).toEqual(before)

      const lost = await choosePlans(store, { plan: 'train-pats/pt_1' })
      for await (const plan of unloadPlans(store, lost)) expect(plan.slices).toBe(2)
      expect(outcomes(await load(store, sources))).toEqual(['loaded', 'refused', 'unchanged'])
    })
  })

  it('loads a plan without dose, and replaces it once it has one', async () => {
    await withDatabase(async (store) => {
      const sources = await tree(1)
      const dose = join(folderOf(sources[0]), 'dose.csv')
      const bytes = await readFile(dose)
      await rm(dose)
      const [bare] = await load(store, sources)
      expect(bare).toMatchObject({
        outcome: 'loaded',
        remarks: ['dose.csv is missing: the plan is stored without dose'],
      })
      await writeFile(dose, bytes)
      expect(outcomes(await load(store, sources))).toEqual(['replaced'])
    })
  })

  it('stores plans in order under any limit of memory', async () => {
    await withDatabase(async (store) => {
      const sources = await tree(4)
      const loaded = await load(store, sources, { memory: 1 })
      expect(loaded.map(({ key }) => key)).toEqual([1, 2, 3, 4].map((n) => `train-pats/pt_${n}`))
      // A file that does not belong to the plan is ignored; a broken one of the plan is refused.
      await writeFile(join(folderOf(sources[1]), 'note.csv'), 'x')
      await writeFile(join(folderOf(sources[2]), 'ct.csv'), 'x')
      const again = await load(store, sources, { memory: 2 ** 40 })
      expect(outcomes(again)).toEqual(['unchanged', 'unchanged', 'refused', 'unchanged'])
    })
  })

  it('is undone by unloadPlans, including patients', async () => {
    await withDatabase(async (store) => {
      const empty = await snapshot(store)
      const sources = await tree(3)
      await load(store, sources)
      const one = await choosePlans(store, { plan: 'train-pats/pt_2' })
      for await (const plan of unloadPlans(store, one)) expect(plan.slices).toBe(2)
      expect(await choosePlans(store, { dataset: 'tiny' })).toHaveLength(2)
      expect(outcomes(await load(store, sources))).toEqual(['unchanged', 'loaded', 'unchanged'])
      const gone: string[] = []
      for await (const { key } of unloadPlans(store, await choosePlans(store, { dataset: 'tiny' })))
        gone.push(key)
      expect(gone).toHaveLength(3)
      expect(await snapshot(store)).toEqual(empty)
      await expect(choosePlans(store, { dataset: 'tiny' })).rejects.toMatchObject({ code: 'LSH01' })
    })
  })
})

describe.runIf(onServer)('loadPlans under failures', () => {
  const plans = 8

  it('pauses while the network is down in the middle of a plan, with the result of an undisturbed load', async () => {
    const sources = await tree(plans)
    const source = random(5)
    await withDatabase(async (calm) => {
      await load(calm, sources)
      const expected = await snapshot(calm)
      await withDatabase(async (_, place) => {
        const proxy = await openProxy(place)
        const store = await openStore(proxy.url)
        const pauses: string[] = []
        let next = source.integer(2000, 6000)
        proxy.onSent = (bytes) => {
          if (bytes < next) return
          next = bytes + source.integer(20_000, 60_000)
          proxy.cut(source.integer(50, 600))
        }
        try {
          const onPause = (reason: string) => pauses.push(reason)
          const loaded = await load(store, sources, { onPause, seconds: 30 })
          expect(loaded).toHaveLength(plans)
          expect(pauses.length).toBeGreaterThanOrEqual(2)
          expect(await snapshot(store)).toEqual(expected)
        } finally {
          proxy.onSent = () => undefined
          await store.close()
        }
      })
    })
  })

  it('continues after the server terminates its connections, and fails if the outage is too long', async () => {
    const sources = await tree(plans)
    await withDatabase(async (store, place) => {
      const killer = await openStore(place)
      const kill = () =>
        killer.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()`,
        )
      // One plan at a time: of two, each would terminate the connection of the other.
      const loaded = new AbortController()
      const killing = (async () => {
        let kills = 0
        for (; !loaded.signal.aborted; kills++) {
          await kill()
          // The pauses grow, as a busy machine may need longer to connect and store a plan.
          await setTimeout(Math.min(2000, 40 * 1.1 ** kills))
        }
        return kills
      })()
      try {
        expect(await load(store, sources, { seconds: 30 })).toHaveLength(plans)
      } finally {
        loaded.abort()
      }
      expect(await killing).toBeGreaterThan(0)
      const proxy = await openProxy(place)
      const cut = await openStore(proxy.url)
      proxy.cut(60_000)
      await expect(load(cut, sources, { seconds: 0.5, reread: true })).rejects.toThrow()
      await cut.close()
      await killer.close()
      expect(await choosePlans(store, { dataset: 'tiny' })).toHaveLength(plans)
    })
  })

  it('allows two loaders of one folder, with the result of one', async () => {
    const sources = await tree(plans)
    await withDatabase(async (calm) => {
      await load(calm, sources)
      await withDatabase(async (store, place) => {
        const other = await openStore(place)
        const both = await Promise.all([load(store, sources), load(other, sources)])
        await other.close()
        const loaded = both.flat().filter(({ outcome }) => outcome === 'loaded')
        expect(loaded.map(({ key }) => key).sort()).toEqual(
          Array.from({ length: plans }, (_, i) => `train-pats/pt_${i + 1}`),
        )
        expect(await snapshot(store)).toEqual(await snapshot(calm))
      })
    })
  })
})
