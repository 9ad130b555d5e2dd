import type { Store } from '../../store/connection/connect.js'
import { patientsSeen } from '../../store/spaces/encoders.js'
import { needsDose } from '../../store/spaces/spaces.js'
import { cannotBeMeasured } from '../measurable.js'
import { nearPlans } from './near-plans.js'
import type { DosedPlan } from './plan-anatomies.js'

/** Neighbours of plans in a space. */
export interface AskedSpace {
  readonly by: string
  readonly seesDose: boolean
  /** For each plan that is a query here, the searched plans, nearest first. */
  readonly near: ReadonlyMap<number, readonly number[]>
}

export interface AskSpacesOptions {
  readonly asked: readonly DosedPlan[]
  readonly stored: readonly number[]
  readonly seed: number
  /** Called with a space that has no features of some plans, which is left out. (Default: the error is thrown) */
  readonly onRefused?: ((space: string, reason: string) => void) | undefined
}

/** Finds the nearest plans in spaces. Plans of an encoder's training patients are not queries in its spaces. */
export async function askedSpaces(
  store: Store,
  spaces: readonly string[],
  { asked, stored, seed, onRefused }: AskSpacesOptions,
): Promise<AskedSpace[]> {
  const found: AskedSpace[] = []
  for (const space of spaces) {
    try {
      const seen = await patientsSeen(store, space)
      const unseen = asked.filter(({ patient }) => !seen.has(patient)).map(({ plan }) => plan)
      if (unseen.length < asked.length)
        onRefused?.(space, 'plans of its encoder’s training patients are not queries')
      if (unseen.length === 0) continue
      const lists = await nearPlans(store, space, { plans: unseen, stored, seed })
      if (lists.size < unseen.length) onRefused?.(space, 'some plans have no features in it')
      found.push({
        by: space,
        seesDose: await needsDose(store, space),
        near: new Map([...lists].map(([plan, list]) => [plan, list.map((one) => one.plan)])),
      })
    } catch (error) {
      if (!onRefused || !cannotBeMeasured(error)) throw error
      onRefused(space, error.message)
    }
  }
  return found
}
