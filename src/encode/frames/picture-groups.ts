/** Source and class of each frame of an image or neuron. */
export interface PictureGroups {
  /** Number of the patient, tile or neuron. */
  readonly source: Int32Array
  /** Number of the class; -1 if the frame has none, or if classes are not used for training. */
  readonly label: Int32Array
}
