import type { SliceImage } from '../../core/plan.js'
import { bodyExtent } from '../../core/body-extent.js'

/** A slice with the size of its pixels in mm, rows and columns: they need not be square. */
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

/** Room around the body for the letters and the scale bar, in heights of a letter. */
const MARGIN_LETTERS = 1.7

/** Narrower than this, the scale bar of 50 mm and its label would run into the letter P. */
const NARROWEST_MM = 185

/** The view that shows the body of every one of the slices, so that all are drawn to one scale. */
export function sharedView(images: readonly ScaledImage[]): View {
  const boxes = images.map(bodyBoxMm)
  const bodyWidth = Math.max(...boxes.map((box) => box.right - box.left))
  const bodyHeight = Math.max(...boxes.map((box) => box.bottom - box.top))
  const margins = 2 * MARGIN_LETTERS * LETTER_SHARE
  const widthMm = Math.max(NARROWEST_MM, Math.ceil(bodyWidth / (1 - margins)))
  return { widthMm, heightMm: Math.ceil(bodyHeight + margins * widthMm) }
}

/** Where the upper left corner of a view lies on a slice, in mm, when the body is in its middle. */
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
