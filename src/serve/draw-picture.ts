import { encode } from 'fast-png'
import type { SliceWithAny } from '../encode/frames/frame.js'
import { greyValues, type GreyWindow } from '../report/panels/ct-picture.js'

export interface DrawPictureOptions extends GreyWindow {
  /** Grey CT, grey CT with the dose as a colour wash, or the dose alone. */
  show: 'ct' | 'wash' | 'dose'
  /** Dose of the last colour of the scale, in Gy. */
  fullGy: number
}

/** Share of that dose below which nothing is drawn, because scattered dose would tint the whole body. */
const LEAST = 0.1
/** Opacity of the wash over the CT. */
const COVER = 0.45

/** A slice as a PNG with one pixel per voxel. */
export function drawPicture(slice: SliceWithAny, options: DrawPictureOptions): Uint8Array {
  const { rows, columns, ct, dose } = slice
  const { show, fullGy } = options
  const grey = show === 'dose' || !ct ? new Uint8Array(rows * columns) : greyValues(ct, options)
  if (show === 'ct' || !dose)
    return encode({ width: columns, height: rows, data: grey, depth: 8, channels: 1 })
  const data = new Uint8Array(3 * rows * columns)
  const cover = show === 'dose' ? 1 : COVER
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const under = grey[pixel] as number
    const share = (dose[pixel] as number) / fullGy
    const colour = share < LEAST ? null : doseColour(share)
    for (let channel = 0; channel < 3; channel++)
      data[3 * pixel + channel] =
        colour === null
          ? under
          : Math.round((1 - cover) * under + cover * (colour[channel] as number))
  }
  return encode({ width: columns, height: rows, data, depth: 8, channels: 3 })
}

/** From blue over green and yellow to red at the full dose and above. */
function doseColour(share: number): readonly [number, number, number] {
  const hue = 240 * (1 - Math.min(1, Math.max(0, share)))
  const ramp = (shift: number) => {
    const place = (hue / 60 + shift) % 6
    return Math.round(255 * Math.min(1, Math.max(0, Math.abs(place - 3) - 1)))
  }
  return [ramp(0), ramp(4), ramp(2)]
}
