/** The two images of a slice: computed tomography and radiation dose. */
export type Channel = 'ct' | 'dose'

/** The part of a data set in which a patient was published; `null` if the source does not say. */
export type Split = 'train' | 'test' | null

/** Raster data of one axial slice, rows from anterior to posterior, columns from right to left of the patient. */
export interface SliceImage {
  readonly rows: number
  readonly columns: number
  /** Hounsfield units, `rows * columns`, row by row. */
  readonly ct: Int16Array
  /**
   * Dose of the whole course in Gy, `rows * columns`, row by row; 0 where none was calculated. `null` for a plan
   * without dose.
   */
  readonly dose: Float32Array | null
}

/** One axial slice of a plan that shows a part of the body. */
export interface Slice extends SliceImage {
  /** Number of the slice in its volume, 0 at the head. */
  readonly index: number
  /** Distance along the patient's axis from the first slice of the volume, in mm, growing towards the feet. */
  readonly positionMm: number
}

/** Cumulative dose-volume histogram: `volume[i]` is the fraction of the structure that gets at least `i * binGy`. */
export interface Dvh {
  readonly binGy: number
  readonly volume: Float32Array
}

/** A delineated organ or target with its dose. */
export interface Structure {
  readonly name: string
  readonly role: 'target' | 'organ'
  /** `null` for points and open lines, which have no volume. */
  readonly volumeCc: number | null
  /** `null`, like `maxGy` and `dvh`, for a plan without dose, and if the dose is known for too little of the structure. */
  readonly meanGy: number | null
  readonly maxGy: number | null
  readonly dvh: Dvh | null
  /** Share of the structure with a known dose; `null` for a plan without dose and for a structure without volume. */
  readonly dosedShare: number | null
  /** Cross-section in cm² on each slice of the plan, in the order of the slices. */
  readonly areasCm2: Float32Array
  /**
   * For each slice, the pixels of which at least half lies inside, packed by `packMask`; `null` for a slice without
   * any. Left out if the structure was not drawn on slices.
   */
  readonly masks?: readonly (Uint8Array | null)[]
}

/** How a structure was drawn, and how much of it the dose covers. */
export interface DrawnStructure extends Pick<Structure, 'name' | 'volumeCc' | 'dosedShare'> {
  /** Planes with closed contours. */
  readonly planes: number
  /** Spacing of its planes in mm; `null` for a single plane or none. */
  readonly spacingMm: number | null
}

/** Radiation of a plan. */
export type Radiation = 'photon' | 'electron' | 'neutron' | 'proton' | 'ion' | 'brachy' | 'mixed'

/**
 * Technique of a plan: fixed directions with one aperture or changing apertures, a rotating gantry, or ions by scanning
 * or scattering.
 */
export type Technique = 'static' | 'modulated' | 'arc' | 'scanned' | 'scattered'

/** Treatment of a plan; values are `null` if the source does not state them. */
export interface Treatment {
  /** Fractions of the whole course. */
  readonly fractions: number | null
  readonly radiation: Radiation | null
  readonly technique: Technique | null
  /** Pseudonym of the machine. */
  readonly machine: string | null
}

/** A treatment plan, read and checked: the unit that is loaded in one transaction. */
export interface Plan {
  /** Path in its source, relative and with forward slashes: `train-pats/pt_3`. */
  readonly sourceKey: string
  /** Pseudonym of the patient: `pt_3`. Never a name or a hospital number. */
  readonly patient: string
  readonly split: Split
  /** sha256 in hex over everything that was read. */
  readonly checksum: string
  /** Part of the body that is treated, in lower case: `head and neck`; `null` where the source does not say. */
  readonly site: string | null
  /** Prescribed dose of the highest target in Gy; `null` for a plan without dose that does not state it. */
  readonly prescriptionGy: number | null
  /** Left out if the source does not describe the treatment. */
  readonly treatment?: Treatment
  /** Size of a voxel in mm: rows, columns, distance of slices. */
  readonly voxelMm: readonly [number, number, number]
  /** Slices with body, in the order of their index. */
  readonly slices: readonly Slice[]
  /** In the order of their names. */
  readonly structures: readonly Structure[]
  /** What the reader assumed, left out or truncated, without anything about the patient. (Default: nothing) */
  readonly remarks?: readonly string[]
  /** How its structures were drawn, in the order of their names. (Default: not recorded) */
  readonly drawn?: readonly DrawnStructure[]
}
