/** An item with its vector in a space. */
export interface Feature {
  readonly item: number
  readonly vector: Float32Array
}
