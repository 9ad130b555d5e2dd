/** Positions of slices along their patients, and doses, from which an encoder learns similarity. */
export interface SliceLevels {
  /** Number of the plan of each slice. */
  readonly plan: Int32Array
  /** Distance along the patient in mm, from a reference point of the plan. */
  readonly mm: Float32Array
  /**
   * Whether that point is the same place of the body in all plans, so that slices of different patients can be
   * compared.
   */
  readonly aligned: boolean
  /** Doses in Gy, `COARSE ** 2` of each slice, for an encoder that learns similarity of dose without seeing it. */
  readonly doses?: Float32Array
}
