import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { listDicom } from '../../../src/ingest/dicom/plans/list.js'
import { readPlan, type PlanSource } from '../../../src/ingest/plan-source.js'
import { pseudonymsOf } from '../../../src/ingest/dicom/plans/pseudonym.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { ownChecks } from '../../../src/store/verify/own-checks.js'
import { kinds } from '../../conformance/kinds.js'
import { writtenKind } from '../../conformance/outcome.js'
import { inTransaction, useTestDatabase } from '../../database.js'
import { written } from '../../ingest/fixtures.js'

const database = useTestDatabase()

// The sets share the key of their plan, and a stored plan with dose cannot be replaced by one without.
beforeEach(async () => {
  await database.store.pool.query('truncate cbir.patient, cbir.item cascade')
})

async function dicomSource(name = 'base'): Promise<PlanSource> {
  const kind = Object.values(kinds)
    .flat()
    .find((one) => one.name === name)!
  const folder = await writtenKind(kind)
  const { sources } = await listDicom([folder], { pseudonymise: pseudonymsOf('x'.repeat(20)) })
  return { kind: 'dicom', source: sources[0]! }
}

/** Loads a plan, applies a change, and returns the parts that are found wrong; all is rolled back. */
async function partsAfter(source: PlanSource, change?: string): Promise<string[]> {
  const plan = await readPlan(source)
  await loadPlan(database.store, 'checked', plan)
  const { id } = await database.store.db
    .selectFrom('cbir.plan')
    .select('id')
    .where('source_key', '=', plan.sourceKey)
    .executeTakeFirstOrThrow()
  let parts: string[] = []
  await inTransaction(database.store, async (transaction) => {
    if (change !== undefined) await sql.raw(change).execute(transaction.db)
    parts = (await ownChecks(transaction, id, source)).map(({ part }) => part)
  })
  return [...new Set(parts)].sort()
}

const contours = 'structure PTV50, by its contours'
const grid = 'structure PTV50, by the raw grid'
const own = 'structure PTV50, its own figures'
const target = `where name = 'PTV50' and mean_gy is not null`

describe('ownChecks', () => {
  it.each(['base', 'structure-hole', 'dose-beams', 'dose-none', 'dose-none-and-no-plan'])(
    'finds nothing wrong in a plan loaded from %s',
    async (name) => {
      expect(await partsAfter(await dicomSource(name))).toEqual([])
    },
  )

  it.each([
    [
      'a structure of twice its size, cross-sections and all',
      [contours],
      `update cbir.structure set volume_cc = 2 * volume_cc,
         areas_cm2 = (select array_agg(2 * area order by n) from unnest(areas_cm2) with ordinality as a (area, n)) ${target}`,
    ],
    [
      'a structure that vanished',
      [contours, own],
      `update cbir.structure set volume_cc = 0 ${target}`,
    ],
    [
      'cross-sections of another structure',
      [own],
      `update cbir.structure set areas_cm2 = (select array_agg(3 * area order by n) from unnest(areas_cm2) with ordinality as a (area, n)) ${target}`,
    ],
    [
      'doses of one beam less, in mean, histogram, maximum and slices alike',
      [grid, 'structure Heart, by the raw grid'],
      `update cbir.structure set mean_gy = .8 * mean_gy, max_gy = .8 * max_gy, dvh_bin_gy = .8 * dvh_bin_gy;
       update cbir.slice set dose_unit_gy = .8 * dose_unit_gy, dose_max_gy = .8 * dose_max_gy`,
    ],
    [
      'doses of one beam twice, likewise',
      ['dose, by its raw grid', grid, 'structure Heart, by the raw grid'],
      `update cbir.structure set mean_gy = 1.2 * mean_gy, max_gy = 1.2 * max_gy, dvh_bin_gy = 1.2 * dvh_bin_gy;
       update cbir.slice set dose_unit_gy = 1.2 * dose_unit_gy, dose_max_gy = 1.2 * dose_max_gy`,
    ],
    [
      'no dose where there is one',
      [grid],
      `update cbir.structure set mean_gy = null, max_gy = null, dvh_bin_gy = null, dvh = null ${target}`,
    ],
    [
      'a histogram of another structure',
      [own],
      `update cbir.structure set dvh = (select other.dvh from cbir.structure as other where other.plan_id = structure.plan_id and other.name = 'Heart') ${target}`,
    ],
    ['a maximum that no voxel has', [grid], `update cbir.structure set max_gy = 75 ${target}`],
    [
      'a mean above its maximum',
      [grid, own],
      `update cbir.structure set mean_gy = max_gy + 3 ${target}`,
    ],
    [
      'a slice with another dose than it says',
      ['slice 5, its own dose'],
      `update cbir.slice set dose_max_gy = dose_max_gy / 2 where index = 5`,
    ],
    [
      'slices in another order',
      ['slice 6, its own position', 'structure Heart, its own figures', own],
      `update cbir.slice set position_mm = 0 where index = 6`,
    ],
  ] as const)('finds %s', async (_title, parts, change) => {
    expect(await partsAfter(await dicomSource(), change)).toEqual([...parts].sort())
  })

  it('finds wrong figures of OpenKBP by the lines of its files', async () => {
    const source: PlanSource = { kind: 'openkbp', source: await written() }
    expect(await partsAfter(source)).toEqual([])
    const wrong = `update cbir.structure set volume_cc = 1.1 * volume_cc, mean_gy = mean_gy - 1 where name = 'SpinalCord'`
    expect(await partsAfter(source, wrong)).toEqual([
      'structure SpinalCord, by its contours',
      'structure SpinalCord, by the raw grid',
      'structure SpinalCord, its own figures',
    ])
  })
})
