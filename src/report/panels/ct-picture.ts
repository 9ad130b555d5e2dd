import { Buffer } from 'node:buffer'
import { encode } from 'fast-png'
import type { SliceImage } from '../../core/plan.js'

/** The Hounsfield units of a picture: `level` is mid grey, `width` is the range from black to white. */
export interface GreyWindow {
  readonly level: number
  readonly width: number
}

/** The usual window for soft tissue of head, neck and trunk. */
export const SOFT_TISSUE: GreyWindow = { level: 40, width: 400 }

/** Hounsfield units as 8-bit grey values. */
export function greyValues(ct: Int16Array, window: GreyWindow): Uint8Array {
  const black = window.level - window.width / 2
  return Uint8Array.from(ct, (hu) => {
    const share = (hu - black) / window.width
    return Math.round(255 * Math.min(1, Math.max(0, share)))
  })
}

/** The CT of a slice as a grey PNG in a data URI. */
export function ctDataUri(image: SliceImage, window: GreyWindow = SOFT_TISSUE): string {
  const png = encode(
    {
      width: image.columns,
      height: image.rows,
      data: greyValues(image.ct, window),
      depth: 8,
      channels: 1,
    },
    { zlib: { level: 9 } },
  )
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}
