import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/core/plan.js'
import { listDicom } from '../../../src/ingest/dicom/plans/list.js'
import { pseudonymsOf } from '../../../src/ingest/dicom/plans/pseudonym.js'
import { roughDicom } from '../../../src/ingest/checks/rough-dicom.js'
import type { RoughPlan } from '../../../src/ingest/checks/rough-figures.js'
import { kinds } from '../../conformance/kinds.js'
import { outcomeOf, writtenKind } from '../../conformance/outcome.js'
import { dicomData } from '../shared-data.js'

async function bothOf(folder: string): Promise<[Plan, RoughPlan | null]> {
  const { sources } = await listDicom([folder], { pseudonymise: pseudonymsOf('x'.repeat(20)) })
  const { plans } = await outcomeOf(folder)
  return [plans[0]!, await roughDicom(sources[0]!)]
}

/** Figures outside the range in which they must lie. */
function beyond(plan: Plan, rough: RoughPlan): string[] {
  return plan.structures.flatMap(({ name, volumeCc, meanGy, maxGy }) => {
    const other = rough.structures.find((structure) => structure.name === name)
    if (other === undefined) return [`${name} is missing`]
    const { volumeCc: cc, meanGy: mean, highestGy } = other
    return [
      ...(volumeCc !== null && cc && !(volumeCc >= cc.low && volumeCc <= cc.high)
        ? [`${name}: ${volumeCc} cc, ${JSON.stringify(cc)}`]
        : []),
      ...(mean && !(meanGy !== null && meanGy >= mean.low && meanGy <= mean.high)
        ? [`${name}: ${meanGy} Gy, ${JSON.stringify(mean)}`]
        : []),
      ...(maxGy !== null && highestGy !== null && maxGy > highestGy
        ? [`${name}: ${maxGy} Gy, ${highestGy}`]
        : []),
    ]
  })
}

const loaded = Object.values(kinds)
  .flat()
  .filter(({ expected, strict }) => 'plans' in expected && expected.plans.length === 1 && !strict)

describe('roughDicom', () => {
  test.each(loaded.map((kind) => [kind.name, kind] as const))(
    'has ranges that contain the figures loaded from %s',
    async (_name, kind) => {
      const [plan, rough] = await bothOf(await writtenKind(kind))
      if (rough !== null) expect(beyond(plan, rough)).toEqual([])
    },
  )

  test('has narrow ranges if contours neither cross nor repeat', async () => {
    const base = loaded.find(({ name }) => name === 'base')!
    const [, rough] = await bothOf(await writtenKind(base))
    const [target] = rough!.structures.filter(({ name }) => name === 'PTV50')
    expect(target!.volumeCc!.low).toBeCloseTo(72 * 0.98 - 0.01, 1)
    expect(target!.volumeCc!.high).toBeCloseTo(72 * 1.02 + 0.01, 1)
    expect(target!.meanGy!.low).toBeGreaterThan(48)
    expect(target!.meanGy!.high).toBeLessThan(52)
  })

  test.skipIf(dicomData === null).each(['pt_1', 'pt_3-compressed'])(
    `has ranges that contain the figures of %s of OpenKBP as DICOM${dicomData === null ? ' (skipped: no dicom in PG_LSH_DATA)' : ''}`,
    async (name) => {
      const [plan, rough] = await bothOf(join(dicomData!, 'openkbp-rt', name))
      expect(beyond(plan, rough!)).toEqual([])
    },
  )
})
