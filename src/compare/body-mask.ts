import { BODY_HU, bodyExtent, type Extent } from '../core/body-extent.js'
import type { SliceImage } from '../core/plan.js'
import { linesOf, resampler } from '../encode/frames/resample.js'

/** Share of a pixel that must be body for the pixel to count as inside. */
const MOST_OF_IT = 0.5

/** Mask of the body in the whole slice, averaged to `size * size` pixels: 1 inside, 0 outside. */
export function bodyMask(image: SliceImage, size: number): Uint8Array {
  const { rows, columns } = image
  const box = { top: 0, left: 0, height: rows, width: columns }
  const resample = resampler({ rows, columns, box, size })
  return mostlyInside(resample(linesOf(filledBody(image, bodyExtent(image)), columns)))
}

/** 1 for each pixel that is mostly body. */
export function mostlyInside(shares: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(shares, (share) => (share > MOST_OF_IT ? 1 : 0))
}

/** 1 from the first to the last pixel of tissue in each row, because airways are inside the body too. */
export function filledBody({ columns, ct }: SliceImage, extent: Extent): Float64Array {
  const body = new Float64Array(ct.length)
  for (let row = extent.top; row < extent.bottom; row++) {
    let [first, last] = [-1, -1]
    for (let column = extent.left; column < extent.right; column++) {
      if (ct[row * columns + column]! <= BODY_HU) continue
      if (first < 0) first = column
      last = column
    }
    if (first >= 0) body.fill(1, row * columns + first, row * columns + last + 1)
  }
  return body
}
