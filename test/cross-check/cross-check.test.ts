import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/core/plan.js'
import { listDicom } from '../../src/ingest/dicom/plans/list.js'
import { readPlace } from '../../src/ingest/files/file-place.js'
import { pseudonymsOf } from '../../src/ingest/dicom/plans/pseudonym.js'
import { readStructureSet } from '../../src/ingest/dicom/objects/structure-set.js'
import { nameRegions } from '../../src/ingest/contours/structure-names.js'
import { kinds } from '../conformance/kinds.js'
import { doseOf, outcomeOf, writtenKind } from '../conformance/outcome.js'
import { dicomData } from '../ingest/shared-data.js'
import { differing } from './differing.js'

const python = '/usr/bin/python3'
const script = join(import.meta.dirname, 'measure.py')

interface Doses {
  readonly mean: number
  readonly d2: number
  readonly d98: number
}

/** Figures of the other reader; without figures of dose where the dose grid does not cover the structure. */
interface Measured {
  readonly cc: number
  /** Doses interpolated linearly between the centres of voxels. */
  readonly linear?: Doses
  /** Doses of the voxel that contains the point. */
  readonly voxels?: Doses
}
interface Line {
  readonly folder: string
  readonly structures?: Readonly<Record<string, Measured | null>>
  readonly error?: string
}

function isInstalled(): boolean {
  try {
    execFileSync(python, ['-c', 'import pydicom, numpy'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const absent = !isInstalled()
const unavailable = absent ? ' (skipped: /usr/bin/python3 has no pydicom and numpy)' : ''

function measured(folders: readonly string[]): ReadonlyMap<string, Line> {
  const output = execFileSync(python, [script, ...folders], { encoding: 'utf8' })
  const lines = output.trim().split('\n')
  return new Map(lines.map((text) => [(JSON.parse(text) as Line).folder, JSON.parse(text) as Line]))
}

/** ROI numbers of the regions by the names under which they are loaded. */
async function numbersIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const { sources } = await listDicom([folder], { pseudonymise: pseudonymsOf('x'.repeat(20)) })
  const { structures } = sources[0]!
  const bytes = await readPlace(structures)
  const { regions } = await readStructureSet(bytes, structures.name)
  return new Map(nameRegions(regions).map(({ name, number }) => [name, number]))
}

/** Values of the other reader whose range must contain a figure. */
type Range = (measured: Measured, figure: keyof Doses) => readonly number[]

/** The dose of the generated sets is linear in space, so that linear interpolation is exact. */
const exactly: Range = ({ linear }, figure) => (linear ? [linear[figure]] : [])

/**
 * The loader preserves the mean dose of each voxel, so its mean must equal that of the voxels. Its D2 and D98 lie
 * between those of voxels taken as blocks and those of linear interpolation, which flattens steep gradients.
 */
const between: Range = ({ linear, voxels }, figure) => {
  if (!linear || !voxels) return []
  return figure === 'mean' ? [voxels.mean] : [linear[figure], voxels[figure]]
}

/** Figures that differ by more than 1 % plus 0.01 cc (volumes) or 1 % plus 0.1 Gy (doses). */
async function differences(
  plan: Plan,
  folder: string,
  { line, range }: { line: Line; range: Range },
): Promise<string[]> {
  if (line.structures === undefined) return [line.error ?? 'nothing was measured']
  const numbers = await numbersIn(folder)
  return plan.structures.flatMap((structure) => {
    const other = line.structures?.[String(numbers.get(structure.name))]
    const { name, volumeCc, meanGy, dvh } = structure
    if (!other) return volumeCc === null || volumeCc === 0 ? [] : [`${name} is not measured`]
    const figures = [
      ['cc', volumeCc, [other.cc], 0.01],
      ['mean', meanGy, range(other, 'mean'), 0.1],
      ['D2', dvh && doseOf(dvh, 0.02), range(other, 'd2'), 0.1],
      ['D98', dvh && doseOf(dvh, 0.98), range(other, 'd98'), 0.1],
    ] as const
    return figures.flatMap(([what, here, there, least]) => {
      if (here === null || there.length === 0)
        return here === null && there.length === 0 ? [] : [`${name} ${what} is known to one`]
      const [low, high] = [Math.min(...there), Math.max(...there)]
      const isNear = here >= 0.99 * low - least && here <= 1.01 * high + least
      return isNear ? [] : [`${name} ${what}: ${here.toFixed(3)}, ${there.join(' to ')}`]
    })
  })
}

describe.skipIf(absent)(`a comparison with an independent reader${unavailable}`, () => {
  test('measures the same in sets of every kind, or differs for the reason in the table', async () => {
    const loaded = Object.values(kinds)
      .flat()
      .filter(({ expected }) => 'plans' in expected && expected.plans.length === 1)
    const folders = new Map<string, string>()
    for (const kind of loaded) folders.set(kind.name, await writtenKind(kind))
    const lines = measured([...folders.values()])
    const found: Record<string, string[]> = {}
    for (const kind of loaded) {
      const folder = folders.get(kind.name)!
      const { plans } = await outcomeOf(folder, kind.strict)
      const differs = await differences(plans[0]!, folder, {
        line: lines.get(folder)!,
        range: exactly,
      })
      if (differs.length > 0) found[kind.name] = differs
    }
    expect(Object.keys(found).sort(), JSON.stringify(found, null, 1)).toEqual(
      Object.keys(differing).sort(),
    )
  }, 300_000)

  test.skipIf(dicomData === null).each(['pt_1', 'pt_3-compressed'])(
    `measures the same in %s of OpenKBP as DICOM${dicomData === null ? ' (skipped: no dicom in PG_LSH_DATA)' : ''}`,
    async (name) => {
      const folder = join(dicomData!, 'openkbp-rt', name)
      const { plans } = await outcomeOf(folder)
      expect(plans).toHaveLength(1)
      const line = measured([folder]).get(folder)!
      expect(await differences(plans[0]!, folder, { line, range: between })).toEqual([])
    },
    300_000,
  )
})
