/** Where slices lie along their patients; what an encoder learns from about which of them are alike. */
export interface SliceLevels {
  /** Number of the plan of each slice. */
  readonly plan: Int32Array
  /** Distance along the patient in mm, from a point of the plan. */
  readonly mm: Float32Array
  /** That point is the same place of the body in all plans, so that slices of different patients can be compared. */
  readonly aligned: boolean
}
