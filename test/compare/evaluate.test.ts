import { beforeAll, describe, expect, it } from 'vitest'
import { agreementAt } from '../../src/compare/agreement.js'
import { acrossPatients } from '../../src/compare/across-patients.js'
import { evaluate } from '../../src/compare/evaluate.js'
import type { SpaceEvaluation } from '../../src/compare/evaluation.js'
import { measuredAsItIs } from '../../src/compare/measured-family.js'
import { neighbourFinder } from '../../src/compare/neighbours.js'
import { spacesOf } from '../../src/compare/space-facts.js'
import { spread } from '../../src/compare/spread.js'
import {
  readEvaluation,
  saveEvaluation,
  type StoredEvaluation,
} from '../../src/compare/stored-evaluations.js'
import { readFamily } from '../../src/store/codes/families.js'
import { featuresOf, visitFeatures } from '../../src/store/encode/feature-blocks.js'
import { useTestDatabase } from '../database.js'
import { rowsOf } from '../sql/asking.js'
import { fillSpace, makePlans } from '../store/plans/made-plans.js'
import { makeSpace } from '../store/codes/made-space.js'

const database = useTestDatabase()
const options = { versions: { 'pg-lsh': '0' }, bits: [64, 512], seed: 3 }
let stored: StoredEvaluation
let measured: SpaceEvaluation

beforeAll(async () => {
  await makePlans(database.store, { plans: 12, slices: 8 })
  const evaluation = await evaluate(database.store, 'made', {
    ...options,
    spaces: ['made'],
    queries: 30,
  })
  stored = await saveEvaluation(database.store, evaluation)
  measured = evaluation.spaces[0] as SpaceEvaluation
})

describe('spread', () => {
  it('selects evenly from a list, since its first part may come from few patients', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([1, 5, 8])
    expect(spread([4, 5], 3)).toEqual([4, 5])
    expect(spread([], 3)).toEqual([])
  })
})

describe('evaluate', () => {
  it('measures codes in the ranking of a search, beside an ideal quantiser', () => {
    const ranked = measured.ranked ?? []
    expect(ranked.map(({ kind, bits }) => `${kind} ${bits}`).sort()).toEqual(
      [
        ...['kernel', 'rate_distortion', 'residual', 'sign'].flatMap((kind) => [
          `${kind} 64`,
          `${kind} 512`,
        ]),
        // A space of five dimensions has no scalar codes of 512 bits.
        'scalar 64',
      ].sort(),
    )
    for (const { dice } of ranked) {
      expect(dice.low).toBeLessThanOrEqual(dice.mean)
      expect(dice.high).toBeGreaterThanOrEqual(dice.mean)
    }
    const of = (wanted: string) =>
      ranked.find(({ kind, bits }) => `${kind} ${bits}` === wanted)?.dice.mean ?? 0
    expect(of('scalar 64')).toBeGreaterThan(of('kernel 64'))
    // Too few slices to hold some out.
    expect(measured.training).toBeNull()
  })

  it('measures every kind that suits the space at every length', () => {
    const own = measured.agreement.filter(({ overlaps }) => overlaps)
    // A space of five dimensions has no itq codes of 64 bits.
    expect(own.map(({ kind, bits }) => `${kind} ${bits}`)).toEqual(
      ['kernel', 'cosine', 'sign'].flatMap((kind) => [`${kind} 64`, `${kind} 512`]),
    )
    for (const one of own) {
      expect(one).toMatchObject({ k: 10, queries: 30, same_patient: false })
      expect(one.dice.low).toBeLessThanOrEqual(one.dice.mean)
      expect(one.dice.high).toBeGreaterThanOrEqual(one.dice.mean)
    }
    const dice = (bits: number) =>
      own.find((one) => one.kind === 'kernel' && one.bits === bits)?.dice.mean ?? 0
    expect(dice(512)).toBeGreaterThan(dice(64))
  })

  it('finds slices of the patient of the query only on request', async () => {
    const patients = new Map(
      (
        await rowsOf<{ item_id: number; patient: string }>(
          database.store,
          'select item_id, patient from cbir.slices',
        )
      ).map(({ item_id, patient }) => [item_id, patient]),
    )
    expect(measured.retrieved).toHaveLength(2)
    for (const { item, rankings } of measured.retrieved) {
      for (const { found } of rankings) {
        expect(found).toHaveLength(5)
        for (const one of found) expect(patients.get(one.item)).not.toBe(patients.get(item))
      }
    }
    for (const { per_patient: rankings } of measured.retrieved) {
      expect(rankings.map(({ by }) => by)).toEqual(['hamming', 'reranked', 'exact'])
      for (const { by, found } of rankings) {
        const own = found.map((one) => patients.get(one.item))
        expect(new Set(own).size).toBe(own.length)
        if (by === 'exact') for (const { hit } of found) expect(hit).toBe(true)
      }
    }
    const included = measured.agreement.filter((one) => one.same_patient)
    expect(included).toHaveLength(6)
  })

  it('agrees with lsh.compare, query by query, on the codes of a stored family', async () => {
    const items = [...measured.queries]
    const compared = await rowsOf<{ item_id: number; overlap: number }>(
      database.store,
      `select item_id, overlap from cbir.compare_slices('made', $1::int[], array[7])`,
      [items],
    )
    const from = { dataset: 'made', dims: 5 }
    const finder = neighbourFinder(await featuresOf(database.store, 'made', { ...from, items }), {
      k: 7,
      families: [measuredAsItIs(await readFamily(database.store.db, 'made'))],
    })
    await visitFeatures(database.store, 'made', from, finder.visit)
    const { exact, coded } = finder.found
    const { overlap } = agreementAt(exact.others, coded[0]!.lists.others, 7)
    expect(items.map((item_id, i) => ({ item_id, overlap: overlap[i] }))).toEqual(compared)
  })

  it('measures the stages of the index, each kind of loss, and the plans', () => {
    const stages = measured.search.map(({ stage }) => stage)
    expect(new Set(stages)).toEqual(new Set(['buckets', 'scan', 'exact']))
    for (const { stage, recall, code_loss, bucket_loss } of measured.search) {
      expect(recall.mean).toBeCloseTo(1 - code_loss - bucket_loss, 9)
      if (stage === 'exact') expect(recall.mean).toBe(1)
    }
    expect(measured.plans?.best.mean).toBeLessThanOrEqual(measured.plans?.nearest.mean ?? 0)
    expect(measured.plans?.shown?.curves.map(({ role }) => role)).toContain('random')
  })

  it('measures what a space finds across patients, between a random choice and the best one', async () => {
    const { spaces, notes } = stored.across_patients
    expect(notes).toEqual([])
    expect(spaces.map(({ space }) => space)).toEqual(['made', 'random', 'oracle'])
    const gaps = spaces.map(({ dose_gap_gy }) => dose_gap_gy ?? NaN)
    const [own = NaN, blind = NaN, best = NaN] = gaps
    expect(best).toBeLessThanOrEqual(own)
    expect(best).toBeLessThanOrEqual(blind)
    expect(spaces[0]?.intervals.dose_gap_gy?.[0]).toBeLessThanOrEqual(gaps[0] ?? NaN)
    const rows = await rowsOf(
      database.store,
      `select space, dose_gap_gy, dvh_gap_high from cbir.evaluation_retrieval where evaluation_id = $1`,
      [stored.id],
    )
    expect(rows).toEqual(
      spaces.map(({ space, dose_gap_gy, intervals }) => ({
        space,
        dose_gap_gy,
        dvh_gap_high: intervals.dvh_gap_gy?.[1] ?? null,
      })),
    )
  })

  it('leaves out a space trained on the query patients, and a space without features of some slices', async () => {
    const { store } = database
    const seen = { space: 'spent', dataset: 'spent', patients: 4, seen: 4 }
    const items = (await makeSpace(store, seen)).map(({ item, vector }) => ({
      item_id: item,
      vector,
    }))
    await fillSpace(store, 'half', items.slice(0, 2))
    await fillSpace(store, 'whole', items)
    const asked = ['spent', 'half', 'whole']
    const { spaces, notes } = await acrossPatients(store, 'spent', asked, {
      ...options,
      against: ['spent'],
    })
    expect(spaces.map(({ space }) => space)).toEqual(['whole', 'random', 'oracle'])
    expect(notes).toEqual([
      expect.stringMatching(/^spent: encoder "spent" was trained on/),
      expect.stringMatching(/^half: .*no features/),
    ])
  })

  it('keeps the figures measured so far if a later step fails, and names the step', async () => {
    const { store } = database
    await fillSpace(store, 'torn', [{ item_id: 1, vector: Float32Array.of(1, 2) }])
    await rowsOf(store, 'drop table space.torn')
    const failures: unknown[] = []
    const run = {
      ...options,
      kinds: ['sign'] as const,
      bits: [64],
      queries: 4,
      against: ['made'],
      spaces: ['made', 'torn'],
      onFailure: (error: unknown) => failures.push(error),
    }
    const { spaces, across_patients } = await evaluate(store, 'made', run)
    expect(spaces.map(({ space }) => space)).toEqual(['made'])
    expect(failures).toHaveLength(1)
    expect(across_patients.notes).toEqual([expect.stringMatching(/^torn: /)])
    // No figure was measured yet, so there is nothing to keep.
    await expect(evaluate(store, 'made', { ...run, spaces: ['torn'] })).rejects.toThrow()
    await rowsOf(store, `delete from cbir.space where name = 'torn'`)
  })

  it('returns the same figures when it is run again', async () => {
    const again = await evaluate(database.store, 'made', {
      ...options,
      against: ['made'],
      spaces: ['made'],
      queries: 30,
    })
    const [first] = again.spaces
    expect(first?.agreement).toEqual(measured.agreement)
    expect(first?.retrieved).toEqual(measured.retrieved)
    expect(first?.curves).toEqual(measured.curves)
  })

  it('refuses a space whose encoder was trained on all patients', async () => {
    await makeSpace(database.store, { space: 'seen', dataset: 'seen', patients: 3, seen: 3 })
    await expect(
      evaluate(database.store, 'seen', { ...options, spaces: ['seen'] }),
    ).rejects.toMatchObject({ code: 'LSH03', message: expect.stringContaining('"seen"') })
    expect(await spacesOf(database.store, 'seen')).toEqual(['seen'])
    expect(await spacesOf(database.store, 'nothing')).toEqual([])
  })
})

describe('a stored evaluation', () => {
  it('is read as it was returned', async () => {
    const read = await readEvaluation(database.store, stored.id)
    expect(read).toEqual(
      JSON.parse(JSON.stringify(stored), (key, value: unknown) =>
        key === 'created' ? new Date(value as string) : value,
      ),
    )
  })

  it('is available as tables of figures in SQL', async () => {
    const rows = await rowsOf(
      database.store,
      `select kind, bits, k, dice, dice_low, jaccard_high, queries, patients
       from cbir.evaluation_figures
       where evaluation_id = $1 and space = 'made' and bits = 64 and k = 10 and not same_patient and kind = 'sign'`,
      [stored.id],
    )
    const own = measured.agreement.find(
      ({ kind, bits, overlaps }) => kind === 'sign' && bits === 64 && overlaps,
    )
    expect(rows).toEqual([
      {
        kind: 'sign',
        bits: 64,
        k: 10,
        dice: own?.dice.mean,
        dice_low: own?.dice.low,
        jaccard_high: own?.jaccard.high,
        queries: 30,
        patients: own?.patients,
      },
    ])
    const searches = await rowsOf<{ stage: string; recall: number }>(
      database.store,
      `select stage, recall from cbir.evaluation_searches where evaluation_id = $1`,
      [stored.id],
    )
    expect(searches).toHaveLength(measured.search.length)
  })

  it('is refused if its number does not exist', async () => {
    await expect(readEvaluation(database.store, 999)).rejects.toMatchObject({
      code: 'LSH01',
      message: 'evaluation 999 does not exist',
    })
  })
})
