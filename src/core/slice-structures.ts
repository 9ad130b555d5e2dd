import type { Structure } from './plan.js'

/** Where a structure cuts a slice. */
export interface StructureMask extends Pick<Structure, 'name' | 'role'> {
  /** `rows * columns`, row by row: not 0 for each pixel of the slice that lies inside. */
  readonly inside: Uint8Array
}

/** The structures of a plan that cut one of its slices. */
export interface SliceStructures {
  readonly masks: readonly StructureMask[]
  /** Height and width of a pixel in mm. */
  readonly pixelMm: readonly [number, number]
  /** Prescribed dose of the highest target of the plan in Gy; `null` if it is unknown. */
  readonly prescriptionGy: number | null
}
