/**
 * The directions of code bits. Bit i is 1 where `cos(<w_i, x - center> + phase_i) + threshold_i > 0`, or, without
 * phases, where `<w_i, x - center> + threshold_i > 0`. In kind scalar, bits spell the binary number of a level: a bit
 * is 1 where the whole part of `<w_i, x - center> phase_i` is odd; the highest bit is 1 where it is not negative.
 */
export interface CodeDirections {
  /** One direction after the other, `bits * dims`. */
  readonly weight: Float32Array
  readonly phase: Float64Array | null
  readonly threshold: Float64Array
  /** Kind scalar only: for each bit, the highest bit of its axis. */
  readonly top?: Int32Array
}
