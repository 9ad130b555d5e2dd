/**
 * Where code bits come from: bit i is 1 where `cos(<w_i, x - center> + phase_i) + threshold_i > 0`, or
 * `<w_i, x - center> + threshold_i > 0` where there are no phases. Of kind scalar a bit is one of the binary number of a
 * level: 1 where the whole part of `<w_i, x - center> phase_i` is odd, or, of the highest, not negative.
 */
export interface CodeDirections {
  /** One direction after the other, `bits * dims`. */
  readonly weight: Float32Array
  readonly phase: Float64Array | null
  readonly threshold: Float64Array
  /** Of kind scalar the highest bit of the axis that each bit is of; other kinds have none. */
  readonly top?: Int32Array
}
