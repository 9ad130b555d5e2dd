/** Positions of slices along their patients, from which an encoder learns similarity. */
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
}
