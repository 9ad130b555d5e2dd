import { setPixel } from '../../core/pixel-mask.js'
import type { Drawing } from './drawing.js'
import type { Cells } from './region-cells.js'
import type { Cutting } from './region-layers.js'

/** Sums up the share of each pixel of the axial slices that is inside a region. */
export interface MaskPainter {
  /** Adds cells; those of one slice must be consecutive. */
  add(cells: Cells): void
  /** The pixels of which at least half is inside, from head to feet; `null` for a slice without any. */
  masks(): (Uint8Array | null)[]
}

/** Makes the masks of a region that was drawn on axial slices, whose cells are parts of their pixels. */
export function maskPainter(
  { raster, shifts, edges }: Drawing,
  { across, down }: Cutting,
): MaskPainter {
  const { rows, columns, spacingMm } = raster
  const last = shifts.length - 1
  const masks = new Array<Uint8Array | null>(shifts.length).fill(null)
  const inside = new Float32Array(rows * columns)
  let image = -1
  let [top, bottom] = [rows, 0]

  /** Packs the painted rows and clears them. */
  function finish(): void {
    let bits: Uint8Array | null = null
    for (let pixel = top * columns; pixel < bottom * columns; pixel++) {
      // Exactly half counts as inside, whatever the rounding of the sum.
      if (inside[pixel]! < 0.5 - 1e-4) continue
      bits ??= new Uint8Array(Math.ceil(inside.length / 8))
      setPixel(bits, pixel)
    }
    if (image >= 0) masks[last - image] = bits
    if (bottom > top) inside.fill(0, top * columns, bottom * columns)
    ;[top, bottom] = [rows, 0]
  }

  return {
    add(cells) {
      if (cells.image !== image) {
        finish()
        image = cells.image
      }
      const [shiftX, shiftY] = shifts[image] as readonly [number, number]
      const pixelMm3 = spacingMm[0] * spacingMm[1] * (edges[image + 1]! - edges[image]!)
      const part = (1000 * cells.eachCc) / pixelMm3
      for (let y = 0, cell = 0; y < cells.rows; y++) {
        const row = Math.floor((cells.row + y) / down) - shiftY
        if (row < 0 || row >= rows) {
          cell += cells.columns
          continue
        }
        ;[top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)]
        for (let x = 0; x < cells.columns; x++, cell++) {
          const column = Math.floor((cells.column + x) / across) - shiftX
          if (column >= 0 && column < columns)
            inside[row * columns + column]! += part * cells.share[cell]!
        }
      }
    },
    masks() {
      finish()
      return masks
    },
  }
}
