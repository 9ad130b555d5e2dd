import type { SliceData } from './load-slice.js'

/** The visible part of a slice, in its pixels; it may extend beyond its borders. */
export interface Viewport {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Denser pixels are body or couch. */
const BODY_HU = -350
/** Side of the visible square in mm, unless the body is larger, so that heads and necks have the same scale. */
const SIDE_MM = 250
const MARGIN_MM = 15

const bodies = new WeakMap<SliceData, Viewport>()

/** The whole slice. */
export function wholeSlice({ rows, columns }: SliceData): Viewport {
  return { left: 0, top: 0, width: columns, height: rows }
}

/** A square around the body of a slice. */
export function aroundBody(slice: SliceData): Viewport {
  const known = bodies.get(slice)
  if (known) return known
  const { rows, columns, ct, pixelMm } = slice
  let [left, right, top, bottom] = [columns, -1, rows, -1]
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if ((ct[row * columns + column] as number) < BODY_HU) continue
      left = Math.min(left, column)
      right = Math.max(right, column)
      top = Math.min(top, row)
      bottom = Math.max(bottom, row)
    }
  const [heightMm, widthMm] = pixelMm
  const body =
    right < 0
      ? wholeSlice(slice)
      : squareAround(
          [(left + right + 1) / 2, (top + bottom + 1) / 2],
          Math.max(
            SIDE_MM,
            (right - left + 1) * widthMm + 2 * MARGIN_MM,
            (bottom - top + 1) * heightMm + 2 * MARGIN_MM,
          ),
          pixelMm,
        )
  bodies.set(slice, body)
  return body
}

function squareAround(
  [x, y]: readonly [number, number],
  sideMm: number,
  [heightMm, widthMm]: SliceData['pixelMm'],
): Viewport {
  const [width, height] = [sideMm / widthMm, sideMm / heightMm]
  return { left: x - width / 2, top: y - height / 2, width, height }
}
