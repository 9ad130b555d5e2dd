import { encode } from 'fast-png'
import type { SliceImage } from '../core/plan.js'

export interface PreviewOptions {
  /** Hounsfield units drawn as middle grey. (Default: 40, soft tissue) */
  level?: number
  /** Hounsfield units from black to white. (Default: 400) */
  width?: number
}

/** The CT of a slice as an 8 bit grey PNG, one pixel a voxel. */
export function previewPng(
  slice: Pick<SliceImage, 'rows' | 'columns' | 'ct'>,
  options: PreviewOptions = {},
): Uint8Array {
  const { level = 40, width = 400 } = options
  const black = level - width / 2
  // A clamped array rounds and limits to 0 … 255 by itself.
  const grey = Uint8ClampedArray.from(slice.ct, (hu) => ((hu - black) / width) * 255)
  const data = new Uint8Array(grey.buffer)
  return encode({ width: slice.columns, height: slice.rows, data, depth: 8, channels: 1 })
}
