/** The two images of a slice: computed tomography and radiation dose. */
export type Channel = 'ct' | 'dose'

/** Which part of a data set a patient was published in; `null` where the source does not say. */
export type Split = 'train' | 'test' | null

/** Raster data of one axial slice, rows from anterior to posterior, columns from right to left of the patient. */
export interface SliceImage {
  readonly rows: number
  readonly columns: number
  /** Hounsfield units, `rows * columns`, row by row. */
  readonly ct: Int16Array
  /**
   * Dose of the whole course in Gy, `rows * columns`, row by row; 0 where none was calculated. `null` of a plan without
   * dose.
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

/** A delineated organ or target with what it gets. */
export interface Structure {
  readonly name: string
  readonly role: 'target' | 'organ'
  /** `null` of points and open lines, which have none. */
  readonly volumeCc: number | null
  /** `null`, as `maxGy` and `dvh`, of a plan without dose, and where not enough of the structure has a known dose. */
  readonly meanGy: number | null
  readonly maxGy: number | null
  readonly dvh: Dvh | null
  /** Part of the structure whose dose is known; `null` of a plan without dose, and of what has no volume. */
  readonly dosedShare: number | null
  /** Cross-section in cm² on each slice of the plan, in the order of the slices. */
  readonly areasCm2: Float32Array
  /**
   * The pixels of each slice of which half or more lies inside, as `packMask` packs them, in the order of the slices;
   * `null` on a slice without any. Left out where the structure was not drawn in the slices.
   */
  readonly masks?: readonly (Uint8Array | null)[]
}

/** How a structure was drawn, and what of it the dose covers. */
export interface DrawnStructure extends Pick<Structure, 'name' | 'volumeCc' | 'dosedShare'> {
  /** Planes with closed contours. */
  readonly planes: number
  /** The spacing of its planes that is filled between them, in mm; `null` of a single plane or none. */
  readonly spacingMm: number | null
}

/** What a plan treats with. */
export type Radiation = 'photon' | 'electron' | 'neutron' | 'proton' | 'ion' | 'brachy' | 'mixed'

/**
 * How beams are given: from fixed directions with one shape or with shapes that change, while the
 * gantry turns, or of ions by scanning or scattering.
 */
export type Technique = 'static' | 'modulated' | 'arc' | 'scanned' | 'scattered'

/** How a plan is given; `null` where the source does not say. */
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
  /** Where it stands in its source, relative and with forward slashes: `train-pats/pt_3`. */
  readonly sourceKey: string
  /** Pseudonym of the patient: `pt_3`. Never a name or a hospital number. */
  readonly patient: string
  readonly split: Split
  /** sha256 in hex over everything that was read. */
  readonly checksum: string
  /** Part of the body that is treated, in lower case: `head and neck`; `null` where the source does not say. */
  readonly site: string | null
  /** Prescribed dose of the highest target in Gy; `null` of a plan without dose that does not say it. */
  readonly prescriptionGy: number | null
  /** Left out where the source says nothing of it. */
  readonly treatment?: Treatment
  /** Size of a voxel in mm: rows, columns, distance of slices. */
  readonly voxelMm: readonly [number, number, number]
  /** Slices with body, in the order of their index. */
  readonly slices: readonly Slice[]
  /** In the order of their names. */
  readonly structures: readonly Structure[]
  /** What was assumed, left out or cut off in reading it; nothing of the patient. (Default: nothing) */
  readonly remarks?: readonly string[]
  /** How its structures were drawn, in the order of their names, for whoever asks. (Default: nothing to tell) */
  readonly drawn?: readonly DrawnStructure[]
}
