import type { Store } from '../../store/connection/connect.js'
import { patientsSeen } from '../../store/spaces/encoders.js'
import { needsOfSpace } from '../../store/spaces/spaces.js'
import { cannotBeMeasured } from '../measurable.js'
import { nearPlans } from './near-plans.js'
import type { DosedPlan } from './plan-anatomies.js'

/** Neighbours of the query plans in one space. */
export interface SpaceNeighbours {
  /** Name of the space. */
  readonly by: string
  /** Whether the features of the space depend on the dose of the query plan. */
  readonly seesDose: boolean
  /** For each query plan that has features in the space, the archive plans, nearest first. */
  readonly near: ReadonlyMap<number, readonly number[]>
}

export interface NearPlansBySpaceOptions {
  readonly queries: readonly DosedPlan[]
  /** Plans of the archive. */
  readonly stored: readonly number[]
  /** Seed of the order of ties. */
  readonly seed: number
  /**
   * Called with a space and the reason why it cannot be measured, or why some plans are not queries in it.
   * (Default: a space that cannot be measured throws its error)
   */
  readonly onRefused?: ((space: string, reason: string) => void) | undefined
}

/**
 * Finds the nearest archive plans of each query plan, in each space. A plan of a patient that the encoder of a space was
 * trained on is not a query in that space.
 */
export async function nearPlansBySpace(
  store: Store,
  spaces: readonly string[],
  { queries, stored, seed, onRefused }: NearPlansBySpaceOptions,
): Promise<SpaceNeighbours[]> {
  const found: SpaceNeighbours[] = []
  for (const space of spaces) {
    try {
      const seen = await patientsSeen(store, space)
      const unseen = queries.filter(({ patient }) => !seen.has(patient)).map(({ plan }) => plan)
      if (unseen.length < queries.length)
        onRefused?.(space, 'plans of its encoder’s training patients are not queries')
      if (unseen.length === 0) continue
      const lists = await nearPlans(store, space, { plans: unseen, stored, seed })
      if (lists.size < unseen.length) onRefused?.(space, 'some plans have no features in it')
      found.push({
        by: space,
        seesDose: (await needsOfSpace(store, space)).dose,
        near: new Map([...lists].map(([plan, list]) => [plan, list.map((one) => one.plan)])),
      })
    } catch (error) {
      if (!onRefused || !cannotBeMeasured(error)) throw error
      onRefused(space, error.message)
    }
  }
  return found
}
