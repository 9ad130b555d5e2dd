import { LshError } from '../../core/errors.js'
import type { Store } from '../../store/connection/connect.js'
import { assertDataset } from '../../store/plans/patients.js'
import { nearPlans } from './near-plans.js'
import { overlapDistance } from './overlap-histogram.js'
import { dosedPlans, type Anatomies, type DosedPlan } from './plan-anatomies.js'
import {
  fitStructureDistance,
  LEAST_PLANS,
  nearByStructures,
  OVERLAP_SPACE,
  STRUCTURE_SPACE,
  tooFew,
} from './structure-distance.js'

/** Default number of plans whose dose is transferred. */
export const DEFAULT_NEIGHBOURS = 20

export interface OrderOptions {
  readonly plan: number
  readonly archive: readonly DosedPlan[]
  readonly space: string
  readonly signal: AbortSignal | undefined
}

/** Plans with dose of all patients but one. */
export async function searchedPlans(
  store: Store,
  patient: number,
  against: readonly string[] | undefined,
): Promise<DosedPlan[]> {
  for (const name of against ?? []) await assertDataset(store, name)
  const rows = await store.db
    .selectFrom('cbir.patient')
    .select(['id', 'pseudonym', 'dataset'])
    .execute()
  const person = rows.find(({ id }) => id === patient)!.pseudonym
  const patients = rows
    .filter((row) => row.pseudonym !== person && (against?.includes(row.dataset) ?? true))
    .map(({ id }) => id)
  const plans = patients.length === 0 ? [] : await dosedPlans(store, patients)
  if (plans.length > 0) return plans
  throw new LshError('LSH03', 'no other patient has a plan with dose and targets', {
    hint: 'Load an archive: "pg-lsh load openkbp DIR --dataset NAME".',
  })
}

/** Default space in which a plan's neighbours are found. */
export function planningSpace(archive: readonly DosedPlan[]): string {
  return archive.length < LEAST_PLANS ? OVERLAP_SPACE : STRUCTURE_SPACE
}

/** Plans of an archive, nearest first. */
export async function orderOf(
  store: Store,
  anatomies: Anatomies,
  { plan, archive, space, signal }: OrderOptions,
): Promise<{ plan: number; distance: number }[]> {
  const stored = archive.map((one) => one.plan)
  if (space === STRUCTURE_SPACE) {
    const fitted = await fitStructureDistance(anatomies, archive, { signal })
    if (fitted) return nearByStructures(anatomies, fitted, { plan, stored, signal })
    throw new LshError('LSH03', tooFew(stored.length), {
      hint: `Load more plans, or use another space: --space ${OVERLAP_SPACE}.`,
    })
  }
  if (space !== OVERLAP_SPACE) {
    const found = (await nearPlans(store, space, { plans: [plan], stored, seed: 1 })).get(plan)
    if (found && found.length > 0) return found
    throw new LshError('LSH03', `the plan has no features in space "${space}"`, {
      hint: `Encode it: "pg-lsh encode --space ${space}"; a plan without dose has none in spaces that see doses: use --space ${STRUCTURE_SPACE}.`,
    })
  }
  const own = await anatomies.histograms(plan)
  const found: { plan: number; distance: number }[] = []
  for (const other of stored) {
    signal?.throwIfAborted()
    found.push({ plan: other, distance: overlapDistance(own, await anatomies.histograms(other)) })
  }
  return found.sort((a, b) => a.distance - b.distance || a.plan - b.plan)
}
