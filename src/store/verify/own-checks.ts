import { roughDicom } from '../../ingest/checks/rough-dicom.js'
import type { Range, RoughPlan } from '../../ingest/checks/rough-figures.js'
import { roughOpenKbp } from '../../ingest/checks/rough-openkbp.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import type { Store } from '../connection/connect.js'
import type { Difference } from './plan-differences.js'
import { contradictions, type StoredStructure } from './stored-figures.js'

/**
 * What is stored of a plan against what is computed of its files in another and simpler way, and against itself. Unlike
 * reading again it does not repeat what the loader did: an error of the loader shows here.
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
  const rough = await roughOf(source)
  const found = await contradictions(store, id, structures)
  if (rough === null) return found
  for (const structure of structures) found.push(...roughly(structure, rough))
  const { highest } = await store.db
    .selectFrom('cbir.slice')
    .select(({ fn }) => fn.max('dose_max_gy').as('highest'))
    .where('plan_id', '=', id)
    .executeTakeFirstOrThrow()
  if (rough.highestGy !== null && highest !== null && highest > rough.highestGy * 1.01 + 0.1)
    found.push({
      part: 'dose, by its raw grid',
      problem: `highest dose is ${highest} Gy, in the grid ${rough.highestGy.toFixed(3)} Gy`,
    })
  return found
}

async function roughOf({ kind, source }: PlanSource): Promise<RoughPlan | null> {
  switch (kind) {
    case 'dicom':
      return roughDicom(source)
    case 'openkbp':
      return roughOpenKbp(source)
    case 'phantom':
      // Made by code that has no files.
      return null
  }
}

function roughly(stored: StoredStructure, rough: RoughPlan): Difference[] {
  const { name, volume_cc: cc, mean_gy: mean, max_gy: max } = stored
  const other = rough.structures.find((structure) => structure.name === name)
  if (other === undefined)
    return [{ part: `structure ${name}, by its contours`, problem: 'is not in the files' }]
  const found: Difference[] = []
  if (cc !== null && other.volumeCc !== null && !isIn(cc, other.volumeCc))
    found.push({
      part: `structure ${name}, by its contours`,
      problem: `volume is ${cc} cc, areas of contours make ${textOf(other.volumeCc)} cc`,
    })
  if (other.meanGy !== null && (mean === null || !isIn(mean, other.meanGy)))
    found.push({
      part: `structure ${name}, by the raw grid`,
      problem: `mean is ${mean === null ? 'missing' : `${mean} Gy`}, points of the grid make ${textOf(other.meanGy)} Gy`,
    })
  if (max !== null && other.highestGy !== null && max > other.highestGy)
    found.push({
      part: `structure ${name}, by the raw grid`,
      problem: `maximum is ${max} Gy, voxels around it have ${other.highestGy.toFixed(3)} Gy at most`,
    })
  return found
}

function isIn(value: number, { low, high }: Range): boolean {
  return value >= low && value <= high
}

function textOf({ low, high }: Range): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`
}
