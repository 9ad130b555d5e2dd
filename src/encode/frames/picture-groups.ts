/** What frames of images or neurons show. */
export interface PictureGroups {
  /** Number of the patient, tile or neuron. */
  readonly source: Int32Array
  /** Number of the class; -1 of one that has none, or where classes are not to be learned from. */
  readonly label: Int32Array
}
