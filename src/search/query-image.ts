import type { SliceWithAny } from '../encode/frame.js'
import { readDicomImage } from '../ingest/dicom-image.js'
import { readPngImage } from '../ingest/png-image.js'

/** An axial CT image as a file of DICOM, of any transfer syntax. */
export interface DicomImageFile {
  readonly dicom: Uint8Array
  /** What errors call it. (Default: 'the image') */
  readonly name?: string
}

/** A grey picture of an axial CT image. */
export interface PngImageFile {
  readonly png: Uint8Array
  /** What errors call it. (Default: 'the image') */
  readonly name?: string
  /** HU of black and of white. (Default: -160 and 240, as in the previews that are stored) */
  readonly window?: { readonly low: number; readonly high: number }
}

/** A slice, HU and Gy, or a file of its CT. */
export type QueryImage = SliceWithAny | DicomImageFile | PngImageFile

/**
 * Reads a query.
 *
 * @throws LshError `bad_input` for a file that cannot be read
 */
export async function readQueryImage(image: QueryImage): Promise<SliceWithAny> {
  if ('dicom' in image) {
    const { rows, columns, hu } = await readDicomImage(image.dicom, image.name ?? 'the image')
    return { rows, columns, ct: hu }
  }
  if ('png' in image) {
    const { low, high } = image.window ?? { low: -160, high: 240 }
    const { rows, columns, grey } = readPngImage(image.png, image.name ?? 'the image')
    return {
      rows,
      columns,
      ct: Int16Array.from(grey, (value) => Math.round(low + value * (high - low))),
    }
  }
  return image
}
