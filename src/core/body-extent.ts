import type { SliceImage } from './plan.js'

/** A box of pixels: the first row and column in it, and the first ones after it. */
export interface Extent {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** HU above which a pixel is body: fat is near -100; air, foam, lung and plastic masks are below. */
export const BODY_HU = -400

/**
 * Finds the box around the body, the largest region of tissue; the whole raster if there is only air. Separate objects
 * are left out: head rests and shoulder pulls are as dense as bone and as large as an arm, and with them the box would
 * be twice as large as the body.
 */
export function bodyExtent(image: Pick<SliceImage, 'rows' | 'columns' | 'ct'>): Extent {
  const [largest] = bodyRegions(image).sort((a, b) => b.pixels - a.pixels)
  if (!largest) return { top: 0, left: 0, bottom: image.rows, right: image.columns }
  const { top, left, bottom, right } = largest
  return { top, left, bottom, right }
}

interface Region extends Extent {
  readonly pixels: number
}

function bodyRegions(image: Pick<SliceImage, 'rows' | 'columns' | 'ct'>): Region[] {
  const { ct, columns } = image
  const open = new Uint8Array(ct.length)
  for (let i = 0; i < open.length; i++) open[i] = (ct[i] as number) > BODY_HU ? 1 : 0
  const waiting = new Int32Array(ct.length)
  const regions: Region[] = []
  for (let start = 0; start < open.length; start++) {
    if (open[start]) regions.push(flood(open, start, columns, waiting))
  }
  return regions
}

/** The region of open pixels around a pixel; visited pixels become closed. `waiting` has room for all pixels. */
function flood(open: Uint8Array, start: number, columns: number, waiting: Int32Array): Region {
  // Plain variables instead of a function for each neighbour, because this visits every pixel of a body.
  let [top, left, bottom, right, pixels, count] = [Infinity, Infinity, 0, 0, 0, 0]
  // Closed when it is queued, so that each pixel is queued once.
  open[start] = 0
  waiting[count++] = start
  while (count > 0) {
    const at = waiting[--count]!
    const row = Math.floor(at / columns)
    const column = at - row * columns
    pixels++
    if (row < top) top = row
    if (row >= bottom) bottom = row + 1
    if (column < left) left = column
    if (column >= right) right = column + 1
    if (open[at - columns]) {
      open[at - columns] = 0
      waiting[count++] = at - columns
    }
    if (open[at + columns]) {
      open[at + columns] = 0
      waiting[count++] = at + columns
    }
    if (column > 0 && open[at - 1]) {
      open[at - 1] = 0
      waiting[count++] = at - 1
    }
    if (column < columns - 1 && open[at + 1]) {
      open[at + 1] = 0
      waiting[count++] = at + 1
    }
  }
  return { top, left, bottom, right, pixels }
}
