import { encode } from 'fast-png'
import type { SliceImage } from '../../core/plan.js'
import { previewWindow, windowKeyword, windowText, type HuWindow } from './grey-window.js'

/**
 * The CT of a slice as an 8-bit grey PNG with one pixel per voxel. A text chunk states the window, so that the picture
 * can be converted back to HU.
 */
export function previewPng(
  slice: Pick<SliceImage, 'rows' | 'columns' | 'ct'>,
  window: HuWindow = previewWindow,
): Uint8Array {
  const { low, high } = window
  // A clamped array rounds and limits to 0 … 255.
  const grey = Uint8ClampedArray.from(slice.ct, (hu) => ((hu - low) / (high - low)) * 255)
  const data = new Uint8Array(grey.buffer)
  const text = { [windowKeyword]: windowText(window) }
  return encode({ width: slice.columns, height: slice.rows, data, depth: 8, channels: 1, text })
}
