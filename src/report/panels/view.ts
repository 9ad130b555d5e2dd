import type { SliceImage } from '../../core/plan.js'
import { bodyExtent } from '../../core/body-extent.js'

/** A slice with the size of its pixels in mm, rows and columns, which may differ. */
export interface ScaledImage {
  readonly image: SliceImage
  readonly pixelMm: readonly [row: number, column: number]
}

/** Size of the part of a slice that a picture shows. */
export interface View {
  readonly widthMm: number
  readonly heightMm: number
}

/** Height of letters, as a share of the width of a view. */
export const LETTER_SHARE = 0.04

/** Margin around the body for the letters and the scale bar, in units of the height of a letter. */
const MARGIN_LETTERS = 1.7

/** In a narrower view, the scale bar of 50 mm and its label would overlap the letter P. */
const NARROWEST_MM = 185

/** A view that fits the body in each of the slices, so that all are drawn at one scale. */
export function sharedView(images: readonly ScaledImage[]): View {
  const boxes = images.map(bodyBoxMm)
  const bodyWidth = Math.max(...boxes.map((box) => box.right - box.left))
  const bodyHeight = Math.max(...boxes.map((box) => box.bottom - box.top))
  const margins = 2 * MARGIN_LETTERS * LETTER_SHARE
  const widthMm = Math.max(NARROWEST_MM, Math.ceil(bodyWidth / (1 - margins)))
  return { widthMm, heightMm: Math.ceil(bodyHeight + margins * widthMm) }
}

/** Position in mm of the upper left corner of a view that centres the body of a slice. */
export function viewOrigin(image: ScaledImage, view: View): { x: number; y: number } {
  const box = bodyBoxMm(image)
  return {
    x: (box.left + box.right - view.widthMm) / 2,
    y: (box.top + box.bottom - view.heightMm) / 2,
  }
}

function bodyBoxMm({ image, pixelMm: [rowMm, columnMm] }: ScaledImage) {
  const extent = bodyExtent(image)
  return {
    top: extent.top * rowMm,
    bottom: extent.bottom * rowMm,
    left: extent.left * columnMm,
    right: extent.right * columnMm,
  }
}
