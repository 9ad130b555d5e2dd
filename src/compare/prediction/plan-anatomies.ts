import type { Store } from '../../store/connection/connect.js'
import { anatomyOf, type Anatomy } from './anatomy.js'
import {
  overlapHistograms,
  volumesOf,
  type OverlapHistograms,
  type Volumes,
} from './overlap-histogram.js'
import { readPlanVolume } from './plan-volume.js'
import { probeVoxels } from './probe-voxels.js'

/** A plan whose dose can be transferred to another one. */
export interface DosedPlan {
  readonly plan: number
  readonly patient: number
}

/** Plans of patients that have a dose and targets on their slices, in the order of their numbers. */
export async function dosedPlans(store: Store, patients: readonly number[]): Promise<DosedPlan[]> {
  return store.db
    .selectFrom('cbir.plan as plan')
    .select(['plan.id as plan', 'patient_id as patient'])
    .where('patient_id', 'in', [...patients])
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('cbir.structure as structure')
          .select('name')
          .whereRef('structure.plan_id', '=', 'plan.id')
          .where('role', '=', 'target')
          .where('masks', 'is not', null),
      ),
    )
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('cbir.slice as slice')
          .select('item_id')
          .whereRef('slice.plan_id', '=', 'plan.id')
          .where('dose_max_gy', '>', 0),
      ),
    )
    .orderBy('plan.id')
    .execute()
}

/** Cache of anatomies, read on first use, and of values computed from them. */
export interface Anatomies {
  of(plan: number): Promise<Anatomy>
  histograms(plan: number): Promise<OverlapHistograms>
  volumes(plan: number): Promise<Volumes>
  probes(plan: number): Promise<Int32Array>
}

/** Anatomies kept in memory, about 8 MB each; others are read again. */
const KEPT = 128

export function openAnatomies(store: Store): Anatomies {
  const kept = new Map<number, Anatomy>()
  const of = async (plan: number): Promise<Anatomy> => {
    const standing = kept.get(plan)
    const anatomy = standing ?? anatomyOf(await readPlanVolume(store, plan))
    // Moved to the end: the least recently used entry is removed first.
    kept.delete(plan)
    kept.set(plan, anatomy)
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return anatomy
  }
  const remembering = <Of>(compute: (anatomy: Anatomy) => Of) => {
    const known = new Map<number, Of>()
    return async (plan: number): Promise<Of> => {
      const standing = known.get(plan)
      if (standing) return standing
      const made = compute(await of(plan))
      known.set(plan, made)
      return made
    }
  }
  return {
    of,
    histograms: remembering(overlapHistograms),
    volumes: remembering(volumesOf),
    probes: remembering((anatomy) => probeVoxels(anatomy)),
  }
}
