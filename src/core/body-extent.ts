import type { SliceImage } from './plan.js'

/** A box of pixels: the first row and column in it, and the first ones after it. */
export interface Extent {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** Denser than this is body: fat is near -100, air, foam, lung and masks of plastic are below. */
export const BODY_HU = -400

/** A region smaller than this share of the largest one is a mask, a cable, the rim of a couch. */
const SMALLEST_SHARE = 0.1

/** The box around the body (with arms that lie apart); the whole raster if there is only air. */
export function bodyExtent(image: Pick<SliceImage, 'rows' | 'columns' | 'ct'>): Extent {
  const regions = bodyRegions(image)
  const largest = Math.max(0, ...regions.map((region) => region.pixels))
  const kept = regions.filter((region) => region.pixels >= SMALLEST_SHARE * largest)
  if (kept.length === 0) return { top: 0, left: 0, bottom: image.rows, right: image.columns }
  return {
    top: Math.min(...kept.map((region) => region.top)),
    left: Math.min(...kept.map((region) => region.left)),
    bottom: Math.max(...kept.map((region) => region.bottom)),
    right: Math.max(...kept.map((region) => region.right)),
  }
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

/** The region of open pixels around one of them; what was visited is closed. `waiting` has room for all pixels. */
function flood(open: Uint8Array, start: number, columns: number, waiting: Int32Array): Region {
  // Plain variables and no function for each neighbour: this looks at every pixel of a body.
  let [top, left, bottom, right, pixels, count] = [Infinity, Infinity, 0, 0, 0, 0]
  // Closed when it is put down, so that each pixel is put down once.
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
