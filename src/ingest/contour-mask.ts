/** A closed line in an image: column and row of each point in pixels, one after the other. */
export type Loop = Float64Array

/**
 * Marks the pixels whose middle lies inside of an odd number of loops: a loop within another cuts a
 * hole, and loops side by side add up. `mask` must be empty.
 */
export function fillLoops(loops: readonly Loop[], columns: number, mask: Uint8Array): void {
  const rows = mask.length / columns
  for (const loop of loops)
    for (let i = 0, last = loop.length - 2; i < loop.length; last = i, i += 2)
      toggle(loop[last]!, loop[last + 1]!, loop[i]!, loop[i + 1]!)
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0, inside = 0; column < columns; column++, i++)
      mask[i] = inside ^= mask[i] as number

  /** Marks in each row the first pixel behind a line, where inside and outside change. */
  function toggle(x0: number, y0: number, x1: number, y1: number) {
    const [top, bottom] = y0 < y1 ? [y0, y1] : [y1, y0]
    // A row belongs to the line that begins on it, not to the one that ends there.
    const end = Math.min(rows, Math.ceil(bottom))
    for (let row = Math.max(0, Math.ceil(top)); row < end; row++) {
      const column = Math.max(0, Math.ceil(x0 + ((row - y0) * (x1 - x0)) / (y1 - y0)))
      if (column < columns) mask[row * columns + column]! ^= 1
    }
  }
}
