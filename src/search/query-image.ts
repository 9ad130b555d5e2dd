import type { SliceWithAny } from '../encode/frames/frame.js'
import { assertList, assertRecord, assertText, refuseArgument } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { readDicomImage, type DicomImage } from '../ingest/dicom/objects/image.js'
import { usualWindows, type GreyPicture, type HuWindow } from '../ingest/volume/grey-window.js'
import { readPngImage } from '../ingest/pictures/png-image.js'

/** An axial CT image as a file of DICOM, of any transfer syntax. */
export interface DicomImageFile {
  readonly dicom: Uint8Array
  /** Name of the image for error messages. (Default: 'the image') */
  readonly name?: string
}

/** A grey picture of an axial CT image. */
export interface PngImageFile {
  readonly png: Uint8Array
  /** Name of the image for error messages. (Default: 'the image') */
  readonly name?: string
  /** HU of black and of white. (Default: the window that the file states, as previews do; otherwise estimated) */
  readonly window?: HuWindow
}

/** An image outside plans, for spaces of images: PNG, JPEG, TIFF or WebP, grey or colour. */
export interface ImageFile {
  readonly image: Uint8Array
  /** What errors call it. (Default: 'the image') */
  readonly name?: string
}

/** A morphology, for spaces of neurons. */
export interface NeuronFile {
  /** SWC. */
  readonly swc: Uint8Array
  /** What errors call it. (Default: 'the neuron') */
  readonly name?: string
}

/** Of spaces of slices a slice, HU and Gy, or a file of its CT; of other spaces a file of an image or a neuron. */
export type QueryImage = SliceWithAny | DicomImageFile | PngImageFile | ImageFile | NeuronFile

/** A picture whose grey values represent HU within a window that is known, or one of several possible ones. */
export interface PictureOfCt extends GreyPicture {
  readonly windows: readonly HuWindow[]
  readonly from: 'given' | 'file' | 'estimated'
}

/**
 * Reads a query: a slice in HU and Gy, or a picture that shows a range of HU.
 *
 * @throws LshError `bad_input` for a file that cannot be read, or that is not an axial image
 */
export async function readQueryImage(
  image: SliceWithAny | DicomImageFile | PngImageFile,
): Promise<SliceWithAny | PictureOfCt> {
  if ('dicom' in image) {
    const { name = 'the image' } = image
    return axial(await readDicomImage(image.dicom, name), name)
  }
  if (!('png' in image)) return image
  const { rows, columns, grey, window } = await readPngImage(image.png, image.name ?? 'the image')
  const picture = { rows, columns, grey }
  if (image.window !== undefined) return { ...picture, windows: [image.window], from: 'given' }
  if (window !== null) return { ...picture, windows: [window], from: 'file' }
  return { ...picture, windows: usualWindows, from: 'estimated' }
}

const FILES = ['dicom', 'png', 'image', 'swc'] as const

/** @throws LshError `bad_usage` for a value that is not an image, from callers without types */
export function assertImage(image: unknown): asserts image is QueryImage {
  const hint =
    'Give { png: bytes }, { dicom: bytes }, { rows, columns, ct }, { image: bytes } or { swc: bytes }.'
  assertRecord('the image', image, hint)
  const { window, ...record } = image as Record<string, unknown>
  const file = FILES.find((name) => name in record)
  if (file) {
    const bytes = record[file]
    if (!(bytes instanceof Uint8Array))
      refuseArgument(
        'the file of the image',
        bytes,
        'a Uint8Array',
        'Read it: "await readFile(path)"; convert an ArrayBuffer with "new Uint8Array(buffer)".',
      )
    if (window !== undefined) assertWindow(window)
    return
  }
  const { rows, columns, structures } = record
  if (structures !== undefined) assertStructures(structures)
  for (const [name, value] of Object.entries({ rows, columns }))
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      refuseArgument(`${name} of the image`, value, 'a whole number', hint)
}

/** @throws LshError `bad_usage` for values of other types; `structureMap` checks sizes */
function assertStructures(structures: unknown): void {
  const hint =
    "Give { masks: [{ name, role: 'target' or 'organ', inside }], pixelMm: [height, width], prescriptionGy }."
  assertRecord('structures of the image', structures, hint)
  const { masks, pixelMm, prescriptionGy } = structures as Record<string, unknown>
  assertList('masks of the structures', masks, hint)
  for (const mask of masks as unknown[]) {
    assertRecord('each mask of the structures', mask, hint)
    const { name, role, inside } = mask as Record<string, unknown>
    assertText('the name of a mask', name, hint)
    if (role !== 'target' && role !== 'organ')
      refuseArgument(`the role of ${String(name)}`, role, "'target' or 'organ'", hint)
    if (!(inside instanceof Uint8Array))
      refuseArgument(`the mask of ${String(name)}`, inside, 'a Uint8Array', hint)
  }
  assertList('pixelMm of the structures', pixelMm, hint)
  if (prescriptionGy !== null && prescriptionGy !== undefined && !Number.isFinite(prescriptionGy))
    refuseArgument(
      'prescriptionGy of the structures',
      prescriptionGy,
      'a number of Gy or null',
      hint,
    )
}

function assertWindow(window: unknown): void {
  const { low, high } = (window ?? {}) as { low?: unknown; high?: unknown }
  if (Number.isFinite(low) && Number.isFinite(high) && (low as number) < (high as number)) return
  refuseArgument(
    'the window',
    window,
    'HU of black and a greater HU of white',
    'Leave it out, and it is read from the file or estimated.',
  )
}

/** Cosine of two degrees, the largest tilt of an axial image. */
const STRAIGHT = 0.9994

/** The image from anterior and from the patient's right, mirrored if it was stored in another orientation. */
function axial({ rows, columns, hu, orientation }: DicomImage, name: string): SliceWithAny {
  const [across = 1, , , , down = 1] = orientation ?? []
  if (Math.abs(across) < STRAIGHT || Math.abs(down) < STRAIGHT) {
    throw new LshError('bad_input', `${name} is not an axial image`, {
      hint: 'Axial slices are stored, and are found by axial slices only; tag (0020,0037) says how it lies.',
    })
  }
  const ct = new Int16Array(hu.length)
  for (let y = 0; y < rows; y++) {
    const row = (down > 0 ? y : rows - 1 - y) * columns
    for (let x = 0; x < columns; x++)
      ct[y * columns + x] = hu[row + (across > 0 ? x : columns - 1 - x)]!
  }
  return { rows, columns, ct }
}
