import { deflateSync, inflateSync } from 'node:zlib'
import type { Channel, SliceImage } from '../../core/plan.js'
import type { SliceWithAny } from '../../encode/frames/frame.js'
import type { SliceTable } from '../connection/database.js'
import { unpackStructures, type PackedStructures } from './slice-structures.js'

/** The columns of `cbir.slice` that hold the images. */
export type StoredImage = Pick<SliceTable, 'rows' | 'columns' | 'ct' | 'dose' | 'dose_unit_gy'>

/** These columns, as a list for `select`. */
export const IMAGE_COLUMNS = ['rows', 'columns', 'ct', 'dose', 'dose_unit_gy'] as const

/** The columns of each channel, for queries that need only some of the images. */
export const CHANNEL_COLUMNS = {
  ct: ['ct'],
  dose: ['dose', 'dose_unit_gy'],
} as const satisfies Record<Channel, readonly (keyof StoredImage)[]>

/** Compressed images. They may come from another thread, and then a `Buffer` has become a `Uint8Array`. */
export type PackedImage = {
  [Column in keyof StoredImage]: Buffer extends StoredImage[Column]
    ? Exclude<StoredImage[Column], Buffer> | Uint8Array
    : StoredImage[Column]
}

/** Compresses the images of a slice: CT exactly, the dose, if any, in 65,535 steps up to its maximum in the slice. */
export function packImage(image: SliceImage): PackedImage {
  const { rows, columns, ct, dose: gray } = image
  if (gray === null) return { rows, columns, ct: deflate(ct), dose: null, dose_unit_gy: null }
  const highest = gray.reduce((max, gy) => Math.max(max, gy), 0)
  // At least the smallest normal 4-byte float, because the database would treat a smaller step as 0.
  const unit = highest > 0 ? Math.max(Math.fround(highest / 65535), 2 ** -126) : 1
  const dose = Uint16Array.from(gray, (gy) => Math.min(65535, Math.round(gy / unit)))
  return { rows, columns, ct: deflate(ct), dose: deflate(dose), dose_unit_gy: unit }
}

/** Decompresses the images of a stored slice: HU, and Gy within half a `dose_unit_gy`. */
export function unpackImage(stored: PackedImage): SliceImage {
  // All channels were read, so none is absent.
  return unpackChannels(stored) as SliceImage
}

/** A stored slice with some of its images, and with its structures if they were read. */
export type StoredChannels = Pick<StoredImage, 'rows' | 'columns'> &
  Partial<PackedImage> & { readonly structures?: PackedStructures }

/** Compresses some of the images of a slice. */
export function packChannels(image: SliceImage, channels: readonly Channel[]): StoredChannels {
  const { rows, columns, ct, dose, dose_unit_gy } = packImage(image)
  return {
    rows,
    columns,
    ...(channels.includes('ct') && { ct }),
    ...(channels.includes('dose') && { dose, dose_unit_gy }),
  }
}

/** Decompresses what was read of a slice: HU, Gy within half a `dose_unit_gy`, and structures. */
export function unpackChannels(stored: StoredChannels): SliceWithAny {
  const { rows, columns, ct, dose, dose_unit_gy: unit, structures } = stored
  return {
    rows,
    columns,
    ...(structures && { structures: unpackStructures(structures) }),
    ...(ct === undefined ? {} : { ct: hounsfield(inflated(ct, rows * columns)) }),
    ...(dose === undefined || unit === undefined
      ? {}
      : {
          dose: dose === null || unit === null ? null : gray(inflated(dose, rows * columns), unit),
        }),
  }
}

// The format is little-endian, as is the memory of all platforms of Node.js except s390x.
function deflate(values: Int16Array | Uint16Array): Buffer {
  return deflateSync(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), {
    level: 1,
  })
}

/** Inflates in one piece; by default zlib would produce pieces of 16 kB, which would be concatenated here. */
function inflated(bytes: Uint8Array, pixels: number): Buffer {
  return inflateSync(bytes, { chunkSize: Math.max(64, 2 * pixels) })
}

function hounsfield(bytes: Buffer): Int16Array {
  return new Int16Array(aligned(bytes))
}

function gray(bytes: Buffer, unit: number): Float32Array {
  const steps = new Uint16Array(aligned(bytes))
  const out = new Float32Array(steps.length)
  // Not `Float32Array.from` with a function, which takes twenty times as long.
  for (let i = 0; i < out.length; i++) out[i] = (steps[i] as number) * unit
  return out
}

/** A buffer that contains exactly these bytes, from offset 0, as typed arrays need. */
function aligned(bytes: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes
  if (byteOffset === 0 && byteLength === buffer.byteLength) return buffer as ArrayBuffer
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}
