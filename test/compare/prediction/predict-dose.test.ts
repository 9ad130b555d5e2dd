import { describe, expect, it } from 'vitest'
import {
  anatomyOf,
  stepsOf,
  targetsFrom,
  type Anatomy,
} from '../../../src/compare/prediction/anatomy.js'
import { rankOutliers, type Suspect } from '../../../src/compare/prediction/outliers.js'
import {
  overlapDistance,
  overlapHistograms,
} from '../../../src/compare/prediction/overlap-histogram.js'
import type { PlanVolume } from '../../../src/compare/prediction/plan-volume.js'
import { predictDose } from '../../../src/compare/prediction/predict-dose.js'
import {
  measuredVoxels,
  predictionScores,
} from '../../../src/compare/prediction/prediction-scores.js'
import { random } from '../../../src/core/random.js'

const [slices, rows, columns] = [10, 20, 24]
const voxels = slices * rows * columns

/** A body with a round target and an organ beside it, whose dose decreases with the distance to the target. */
function made(
  shift: number,
  options: { organ?: number; id?: number; radius?: number } = {},
): Anatomy {
  const { organ = 7, id = 1, radius = 3 } = options
  const [target, beside, dose] = [
    new Uint8Array(voxels),
    new Uint8Array(voxels),
    new Float32Array(voxels),
  ]
  for (let i = 0; i < voxels; i++) {
    const s = Math.floor(i / (rows * columns))
    const r = Math.floor(i / columns) % rows
    const c = i % columns
    const far = Math.hypot(s - 5, r - 10, c - 8 - shift)
    target[i] = far < radius ? 1 : 0
    beside[i] = Math.hypot(s - 5, r - 10, c - 8 - shift - organ) < 2 ? 1 : 0
    dose[i] = far < radius ? 70 : 70 * Math.exp(-(far - radius) / 4)
  }
  const volume: PlanVolume = {
    id,
    patient: id,
    key: `plan ${id}`,
    prescriptionGy: 70,
    grid: { size: [slices, rows, columns], mm: [3, 4, 4] },
    box: { top: 0, left: 0, rows, columns },
    body: new Uint8Array(voxels).fill(1),
    dose,
    structures: [
      { name: 'PTV70', role: 'target', inside: target },
      { name: 'Cord', role: 'organ', inside: beside },
    ],
  }
  return anatomyOf(volume)
}

describe('predictDose', () => {
  it.each(['rigid', 'deformable'] as const)(
    'returns the dose of the same anatomy at another position, %s',
    (alignment) => {
      const [own, other] = [made(0), made(3)]
      const wanted = measuredVoxels(own)
      const { dose, each } = predictDose(own, [other], wanted, alignment)
      const inner = Array.from(wanted.keys()).filter((i) => own.volume.dose![wanted[i]!]! > 15)
      for (const i of inner) expect(dose[i]).toBeCloseTo(own.volume.dose![wanted[i]!]!, 3)
      expect(each).toHaveLength(1)
    },
  )

  it('scales a dose to the prescription', () => {
    const own = made(0)
    const other = made(0)
    const half = { ...other, volume: { ...other.volume, prescriptionGy: 35 } }
    const wanted = measuredVoxels(own)
    const { dose } = predictDose(own, [half], wanted, 'rigid')
    expect(dose[0]).toBeCloseTo(2 * own.volume.dose![wanted[0]!]!, 4)
  })

  it('predicts the dose of a target of another size better with deformation', () => {
    const [own, other] = [made(0, { radius: 3 }), made(0, { radius: 5 })]
    const wanted = measuredVoxels(own)
    const gap = (alignment: 'rigid' | 'deformable') =>
      predictionScores(own, wanted, predictDose(own, [other], wanted, alignment).dose).dose
    expect(gap('deformable')).toBeLessThan(0.8 * gap('rigid'))
  })
})

describe('predictionScores', () => {
  it('are 0 for the true dose, and equal a constant difference', () => {
    const own = made(0)
    const wanted = measuredVoxels(own)
    const dose = Float32Array.from(wanted, (voxel) => own.volume.dose![voxel]!)
    expect(predictionScores(own, wanted, dose)).toMatchObject({ dose: 0, dvh: 0, gamma: 1 })
    const { dose: off, dvh } = predictionScores(
      own,
      wanted,
      dose.map((gy) => gy + 3),
    )
    expect(off).toBeCloseTo(3, 4)
    expect(dvh).toBeCloseTo(3, 4)
  })
})

describe('overlapHistograms', () => {
  it('distinguish organs near the target from distant organs, regardless of position', () => {
    const of = (shift: number, organ: number) => overlapHistograms(made(shift, { organ }))
    expect(overlapDistance(of(0, 5), of(2, 5))).toBeLessThan(0.01)
    expect(overlapDistance(of(0, 5), of(0, 10))).toBeGreaterThan(
      overlapDistance(of(0, 5), of(0, 6)),
    )
    expect(overlapDistance(new Map(), of(0, 5))).toBe(Infinity)
  })
})

describe('targetsFrom', () => {
  it('returns targets of at least a share of the highest dose, by the doses in their names', () => {
    const named = ['PTV56', 'PTV63', 'PTV 7000', 'PTV_2'].map((name) => ({
      name,
      role: 'target' as const,
      inside: new Uint8Array(1),
    }))
    const names = (least: number) => targetsFrom(named, least).map(({ name }) => name)
    expect(names(0.95)).toEqual(['PTV 7000', 'PTV_2'])
    expect(names(0.85)).toEqual(['PTV63', 'PTV 7000', 'PTV_2'])
    expect(names(0)).toHaveLength(4)
  })

  it('rounds distances to steps that fit into a byte', () => {
    expect(stepsOf(0)).toBe(0)
    expect(stepsOf(-1e6)).toBe(-stepsOf(1e6))
    expect(stepsOf(1e6)).toBeLessThanOrEqual(127)
  })
})

describe('rankOutliers', () => {
  it('ranks first the plan least like its neighbours, and names the criteria', () => {
    const source = random(5)
    const suspects = Array.from({ length: 30 }, (_, i): Suspect => {
      const noise = () => source.normal()
      const spoiled = i === 7 ? 30 : 0
      return {
        plan_id: i,
        plan: `plan ${i}`,
        gap: 4 + 0.5 * noise() + spoiled / 3,
        own: new Map([['Cord mean', 20 + 4 * noise()]]),
        expected: new Map([['Cord mean', 20]]),
        targets: new Map([['PTV70 D95', 66 + noise() + spoiled]]),
      }
    })
    const [first, second] = rankOutliers(suspects)
    expect(first).toMatchObject({
      plan: 'plan 7',
      criteria: [{ criterion: 'PTV70 D95', expected: expect.closeTo(66, 0) as number }, {}],
    })
    expect(first!.score).toBeGreaterThan(1.5 * second!.score)
  })
})
