/**
 * Subtracts from each of some concatenated vectors the centre of its cell, in place.
 *
 * @returns the lengths of the differences
 */
export function leaveCentres(
  vectors: Float32Array,
  centres: Float32Array,
  cells: Int32Array,
): Float32Array {
  const dims = vectors.length / cells.length
  const lengths = new Float32Array(cells.length)
  for (let row = 0, at = 0; row < cells.length; row++) {
    let squares = 0
    for (let d = 0, from = cells[row]! * dims; d < dims; d++, at++) {
      const value = Math.fround(vectors[at]! - centres[from + d]!)
      vectors[at] = value
      squares += value * value
    }
    lengths[row] = Math.sqrt(squares)
  }
  return lengths
}
