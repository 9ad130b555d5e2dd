import { permutation, random } from '../../core/random.js'
import type { Anatomy } from './anatomy.js'
import { overlapDistance, volumeDistance } from './overlap-histogram.js'
import type { Anatomies } from './plan-anatomies.js'
import {
  nearByStructures,
  OVERLAP_SPACE,
  STRUCTURE_SPACE,
  type StructureDistance,
} from './structure-distance.js'
import type { Alignment, Transferred } from './transfer-dose.js'

/** A way to predict the dose of a plan: which plans' doses are brought, and how. */
export interface PredictionMethod {
  /** A space, or a baseline. */
  readonly by: string
  /** Whether finding the plans took the dose of the plan that asks. */
  readonly seesDose: boolean
  readonly alignment: Alignment
  /** How the doses are put together. */
  readonly blend: 'median' | 'mean'
  readonly plans: readonly number[]
}

/** Brings the dose of a plan by its number to the one that asks. */
export type Bring = (other: number, alignment: Alignment) => Promise<Transferred>

export interface BaselineOptions {
  /** The plan that asks, and the voxels where it is predicted. */
  readonly own: Anatomy
  readonly wanted: Int32Array
  /** Plans that are searched. */
  readonly stored: readonly number[]
  readonly k: number
  readonly seed: number
  readonly bring: Bring
  /** Null where too few plans are searched to fit it. */
  readonly structures: StructureDistance | null
}

/** What predicts without a space of vectors: the learned distance, classical features, a blind choice, and the best choice by the dose itself. */
export async function baselineMethods(
  anatomies: Anatomies,
  { own, wanted, stored, k, seed, bring, structures }: BaselineOptions,
): Promise<PredictionMethod[]> {
  const plan = own.volume.id
  const histograms = await anatomies.histograms(plan)
  const volumes = await anatomies.volumes(plan)
  const truth = own.volume.dose!
  const distances: Record<'overlap' | 'structures' | 'targets' | 'dose', number[]> = {
    overlap: [],
    structures: [],
    targets: [],
    dose: [],
  }
  for (const other of stored) {
    distances.overlap.push(overlapDistance(histograms, await anatomies.histograms(other)))
    const found = await anatomies.volumes(other)
    distances.structures.push(volumeDistance(volumes.structures, found.structures))
    distances.targets.push(volumeDistance(volumes.targets, found.targets))
    const { dose } = await bring(other, 'rigid')
    let sum = 0
    for (let i = 0; i < wanted.length; i++) sum += Math.abs(dose[i]! - truth[wanted[i]!]!)
    distances.dose.push(sum)
  }
  const first = (by: readonly number[]) =>
    [...by.keys()]
      .sort((a, b) => by[a]! - by[b]! || stored[a]! - stored[b]!)
      .slice(0, k)
      .map((i) => stored[i]!)
  const drawn = permutation(stored.length, random(seed + plan)).subarray(0, k)
  const unseen = { seesDose: false, alignment: 'deformable', blend: 'median' } as const
  const near = structures ? await nearByStructures(anatomies, structures, { plan, stored }) : null
  const byOverlap = first(distances.overlap)
  return [
    ...(near
      ? [{ by: STRUCTURE_SPACE, ...unseen, plans: near.slice(0, k).map((one) => one.plan) }]
      : []),
    { by: OVERLAP_SPACE, ...unseen, plans: byOverlap },
    { by: `${OVERLAP_SPACE}, rigid`, ...unseen, alignment: 'rigid', plans: byOverlap },
    { by: 'structure volumes', ...unseen, plans: first(distances.structures) },
    { by: 'target volumes', ...unseen, plans: first(distances.targets) },
    { by: 'random', ...unseen, plans: Array.from(drawn, (i) => stored[i]!) },
    { by: 'mean dose', ...unseen, alignment: 'rigid', blend: 'mean', plans: stored },
    { by: 'oracle', ...unseen, seesDose: true, plans: first(distances.dose) },
  ]
}
