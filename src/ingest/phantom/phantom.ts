import { createHash } from 'node:crypto'
import { LshError } from '../../core/errors.js'
import type { Plan } from '../../core/plan.js'
import { paintSlices, scan } from './anatomy.js'
import { pixelMm } from './canvas.js'
import { irradiate } from './dose.js'
import { drawPatient } from './patient.js'
import { paintTargets } from './target.js'
import { targetGy } from '../volume/structures.js'
import { emptyVolume, planFromVolume, type PlanVolume, side, voxelCount } from '../volume/volume.js'

/** Part of the checksum, because another version of the generator makes other plans. */
const generatorVersion = 1

export interface PhantomOptions {
  /** Number of patients. (Default: 24) */
  patients?: number
  /** Seed of all random choices. (Default: 1) */
  seed?: number
  /** Distance between slices in mm, 3 to 10. (Default: 5) */
  sliceMm?: number
}

/**
 * Generates a cohort of synthetic head-and-neck patients with CT, structures and dose. A patient depends only on the
 * seed and its own number, so that a larger cohort begins with the smaller one. Every sixth patient is in the test
 * split.
 */
export function* syntheticPlans(options: PhantomOptions = {}): Generator<Plan> {
  const { patients = 24, seed = 1, sliceMm = 5 } = options
  if (!Number.isInteger(patients) || patients < 1)
    throw new LshError('bad_usage', `cannot create ${patients} patients`, {
      hint: 'Give a whole number of patients, 1 or more.',
    })
  for (let number = 1; number <= patients; number++) {
    yield syntheticPlan({ sourceKey: phantomKey(number), number, seed, sliceMm })
  }
}

/** A patient of a cohort that is not yet generated. */
export interface PhantomSource {
  /** `phantom/phantom-003`. */
  readonly sourceKey: string
  /** From 1. */
  readonly number: number
  readonly seed: number
  readonly sliceMm: number
}

/** Lists the patients of a cohort, to be generated one by one. */
export function listPhantoms(options: PhantomOptions = {}): PhantomSource[] {
  const { patients = 24, seed = 1, sliceMm = 5 } = options
  return Array.from({ length: patients }, (_, i) => {
    return { sourceKey: phantomKey(i + 1), number: i + 1, seed, sliceMm }
  })
}

export async function readPhantom(source: PhantomSource): Promise<Plan> {
  return syntheticPlan(source)
}

/** Everything that a phantom depends on. */
export async function fingerprintPhantom(source: PhantomSource): Promise<string> {
  return checksumOf(source)
}

function phantomKey(number: number): string {
  return `phantom/phantom-${String(number).padStart(3, '0')}`
}

function syntheticPlan(source: PhantomSource): Plan {
  const { sourceKey, number, seed, sliceMm } = source
  return planFromVolume(syntheticVolume(number, { seed, sliceMm }), {
    sourceKey,
    patient: sourceKey.slice('phantom/'.length),
    split: number % 6 === 0 ? 'test' : 'train',
    checksum: checksumOf(source),
    site: 'head and neck',
  })
}

function checksumOf({ seed, sliceMm, number }: PhantomSource): string {
  return createHash('sha256')
    .update(JSON.stringify({ generatorVersion, seed, sliceMm, number }))
    .digest('hex')
}

/** The rasters of one synthetic patient. */
export function syntheticVolume(
  number: number,
  options: Omit<PhantomOptions, 'patients'> = {},
): PlanVolume {
  const { seed = 1, sliceMm = 5 } = options
  if (!Number.isInteger(seed))
    throw new LshError('bad_usage', `seed ${seed} is not an integer`, {
      hint: 'Give an integer as the seed.',
    })
  if (!(sliceMm >= 3 && sliceMm <= 10))
    throw new LshError('bad_usage', `slice distance ${sliceMm} mm is not between 3 and 10 mm`, {
      hint: 'Give a slice distance of 3 to 10 mm; less does not fit the 128 slices of a volume.',
    })
  const canvases = paintSlices(drawPatient(seed, number), sliceMm)
  const targets = canvases.map(paintTargets)
  const doses = irradiate(canvases, targets, sliceMm)
  const volume = emptyVolume([pixelMm, pixelMm, sliceMm])
  const first = Math.floor((side - canvases.length) / 2)
  canvases.forEach((canvas, n) => {
    const k = first + n
    const ct = scan(canvas)
    const dose = doses[n] as Float32Array
    for (let p = 0, v = k; p < ct.length; p++, v += side) {
      volume.ct[v] = ct[p] as number
      volume.dose[v] = dose[p] as number
      volume.doseMask[v] = canvas.body[p] as number
    }
    for (const [organ, mask] of canvas.organs) mark(volume.masks, organ, mask, 1, k)
    for (const [target, gy] of Object.entries(targetGy))
      mark(volume.masks, target, targets[n] as Uint8Array, gy, k)
  })
  return volume
}

/** Copies the nonzero pixels of a slice to the mask of a structure. */
function mark(
  masks: Map<string, Uint8Array>,
  structure: string,
  pixels: Uint8Array,
  value: number,
  k: number,
): void {
  for (let p = pixels.indexOf(value); p >= 0; p = pixels.indexOf(value, p + 1)) {
    const mask = masks.get(structure) ?? new Uint8Array(voxelCount)
    masks.set(structure, mask)
    mask[p * side + k] = 1
  }
}
