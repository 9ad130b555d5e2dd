import { roughDicom } from '../../ingest/checks/rough-dicom.js'
import type { Range, RoughPlan } from '../../ingest/checks/rough-figures.js'
import { roughOpenKbp } from '../../ingest/checks/rough-openkbp.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import type { Store } from '../connection/connect.js'
import type { Difference } from './plan-differences.js'
import { contradictions, type StoredStructure } from './stored-figures.js'

/**
 * Compares the stored figures of a plan with each other, and with figures that are computed from its files in a simpler
 * way. This reveals errors of the loader, which reading the plan again would only repeat.
 */
export async function ownChecks(
  store: Pick<Store, 'db'>,
  id: number,
  source: PlanSource,
): Promise<Difference[]> {
  const structures = await store.db
    .selectFrom('cbir.structure')
    .select(['name', 'volume_cc', 'mean_gy', 'max_gy', 'dvh_bin_gy', 'dvh', 'areas_cm2'])
    .where('plan_id', '=', id)
    .execute()
  const rough = await readRough(source)
  const found = await contradictions(store, id, structures)
  if (rough === null) return found
  for (const structure of structures) found.push(...roughDifferences(structure, rough))
  const { highest } = await store.db
    .selectFrom('cbir.slice')
    .select(({ fn }) => fn.max('dose_max_gy').as('highest'))
    .where('plan_id', '=', id)
    .executeTakeFirstOrThrow()
  if (rough.highestGy !== null && highest !== null && highest > rough.highestGy * 1.01 + 0.1)
    found.push({
      part: 'dose, by its raw grid',
      problem: `highest dose is ${highest} Gy, but that of the grid is ${rough.highestGy.toFixed(3)} Gy`,
    })
  return found
}

async function readRough({ kind, source }: PlanSource): Promise<RoughPlan | null> {
  switch (kind) {
    case 'dicom':
      return roughDicom(source)
    case 'openkbp':
      return roughOpenKbp(source)
    case 'phantom':
      // A phantom has no files.
      return null
  }
}

/** How the figures of a structure differ from the rough ones, which are ranges. */
function roughDifferences(stored: StoredStructure, rough: RoughPlan): Difference[] {
  const { name, volume_cc: cc, mean_gy: mean, max_gy: max } = stored
  const expected = rough.structures.find((structure) => structure.name === name)
  if (expected === undefined)
    return [{ part: `structure ${name}, by its contours`, problem: 'is not in the files' }]
  const found: Difference[] = []
  if (cc !== null && expected.volumeCc !== null && !isIn(cc, expected.volumeCc))
    found.push({
      part: `structure ${name}, by its contours`,
      problem: `volume is ${cc} cc, but the areas of its contours add up to ${textOf(expected.volumeCc)} cc`,
    })
  if (expected.meanGy !== null && (mean === null || !isIn(mean, expected.meanGy))) {
    const meanText = mean === null ? 'missing' : `${mean} Gy`
    found.push({
      part: `structure ${name}, by the raw grid`,
      problem: `mean is ${meanText}, but that of points in the grid is ${textOf(expected.meanGy)} Gy`,
    })
  }
  if (max !== null && expected.highestGy !== null && max > expected.highestGy)
    found.push({
      part: `structure ${name}, by the raw grid`,
      problem: `maximum is ${max} Gy, but the voxels in and around it have at most ${expected.highestGy.toFixed(3)} Gy`,
    })
  return found
}

function isIn(value: number, { low, high }: Range): boolean {
  return value >= low && value <= high
}

function textOf({ low, high }: Range): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`
}
