import { beforeAll, describe, expect, it } from 'vitest'
import type { Plan, Structure } from '../../src/core/plan.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../database.js'
import { smallPlan } from '../store/plans/small-plan.js'

const database = useTestDatabase()

function structure(name: string, volumeCc: number, meanGy: number): Structure {
  const role = name.startsWith('PTV') ? 'target' : 'organ'
  const dvh = { binGy: 0.1, volume: Float32Array.of(1, 0.75, 0.5, 0) }
  const areasCm2 = Float32Array.of(0, 1, 3)
  return { name, role, volumeCc, meanGy, maxGy: meanGy + 2, dvh, dosedShare: 1, areasCm2 }
}

/** A plan whose target of the highest dose is neither the first nor the largest target. */
const full: Plan = {
  ...smallPlan({ number: 1, slices: 3, split: 'test' }),
  treatment: { fractions: 35, radiation: 'photon', technique: 'arc', machine: 'm1' },
  structures: [
    structure('Brainstem', 25, 20),
    structure('PTV56', 300, 57.5),
    structure('PTV70', 80, 70.5),
    structure('Larynx', 0, 0),
  ],
}
const bare: Plan = { ...smallPlan({ number: 2, slices: 2 }), site: null, structures: [] }

/** Highest voxel dose of a plan in Gy, in single precision. */
const highest = ({ slices }: Plan) =>
  expect.closeTo(Math.max(...slices.flatMap(({ dose }) => [...(dose ?? [])])), 4) as number

beforeAll(async () => {
  for (const plan of [full, bare]) await loadPlan(database.store, 'viewed', plan)
})

describe('cbir.plans', () => {
  it('has a row for each plan, with the columns that conditions use', async () => {
    const { db } = database.store
    expect(await db.selectFrom('cbir.plans').selectAll().orderBy('plan_id').execute()).toEqual([
      {
        plan_id: 1,
        dataset: 'viewed',
        split: 'test',
        patient: 'pt_1',
        plan: 'made/pt_1',
        site: 'head and neck',
        prescription_gy: 70,
        fractions: 35,
        radiation: 'photon',
        technique: 'arc',
        machine: 'm1',
        slices: 3,
        target_volume_cc: 80,
        structures: ['Brainstem', 'PTV56', 'PTV70'],
        dose_max_gy: highest(full),
      },
      {
        plan_id: 2,
        dataset: 'viewed',
        split: 'train',
        patient: 'pt_2',
        plan: 'made/pt_2',
        site: null,
        prescription_gy: 70,
        fractions: null,
        radiation: null,
        technique: null,
        machine: null,
        slices: 2,
        target_volume_cc: null,
        structures: [],
        dose_max_gy: highest(bare),
      },
    ])
  })
})

describe('cbir.structures', () => {
  it('has a row for each structure, with its plan', async () => {
    const rows = await database.store.db.selectFrom('cbir.structures').selectAll().execute()
    expect(rows).toHaveLength(4)
    expect(rows.find(({ name }) => name === 'PTV56')).toEqual({
      plan_id: 1,
      patient: 'pt_1',
      plan: 'made/pt_1',
      name: 'PTV56',
      role: 'target',
      volume_cc: 300,
      mean_gy: 57.5,
      max_gy: 59.5,
      // Slices are at 0, 3 and 6 mm; a quarter of the area is on the second, the rest on the last.
      centre_mm: 5.25,
      dosed_share: 1,
    })
  })
})

describe('cbir.dvh', () => {
  it('has a row for each dose, with doses that are exact multiples of the bin width', async () => {
    const rows = await database.store.db
      .selectFrom('cbir.dvh')
      .selectAll()
      .where('structure', '=', 'PTV70')
      .orderBy('dose_gy')
      .execute()
    expect(rows.map(({ dose_gy, volume }) => [dose_gy, volume])).toEqual([
      [0, 1],
      [0.1, 0.75],
      [0.2, 0.5],
      [0.3, 0],
    ])
    expect(rows[0]).toMatchObject({ plan_id: 1, structure: 'PTV70' })
  })
})
