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

/** A method of prediction: the plans whose dose is transferred, and how. */
export interface PredictionMethod {
  /** A space or a baseline. */
  readonly by: string
  /** Whether the search for plans used the dose of the query plan. */
  readonly seesDose: boolean
  readonly alignment: Alignment
  /** How the doses are combined. */
  readonly blend: 'median' | 'mean'
  readonly plans: readonly number[]
}

/** Transfers the dose of a plan, given its number, to the query plan. */
export type Bring = (other: number, alignment: Alignment) => Promise<Transferred>

export interface BaselineOptions {
  /** The query plan, and the voxels at which its dose is predicted. */
  readonly own: Anatomy
  readonly wanted: Int32Array
  /** Searched plans. */
  readonly stored: readonly number[]
  readonly k: number
  readonly seed: number
  readonly bring: Bring
  /** Null if there are too few plans to fit it. */
  readonly structures: StructureDistance | null
}

/**
 * Methods without a space of vectors: the learned distance, classical features, a random choice, and the best choice by
 * the dose itself.
 */
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
