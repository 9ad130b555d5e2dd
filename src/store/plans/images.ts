import { deflateSync, inflateSync } from 'node:zlib'
import type { Channel, SliceImage } from '../../core/plan.js'
import type { SliceWithAny } from '../../encode/frames/frame.js'
import type { SliceTable } from '../connection/database.js'
import { unpackStructures, type PackedStructures } from './slice-structures.js'

/** The columns of `cbir.slice` that hold the images. */
export type StoredImage = Pick<SliceTable, 'rows' | 'columns' | 'ct' | 'dose' | 'dose_unit_gy'>

/** The same, as a list to select. */
export const IMAGE_COLUMNS = ['rows', 'columns', 'ct', 'dose', 'dose_unit_gy'] as const

/** What is selected where only some of the images are needed. */
export const CHANNEL_COLUMNS = {
  ct: ['ct'],
  dose: ['dose', 'dose_unit_gy'],
} as const satisfies Record<Channel, readonly (keyof StoredImage)[]>

/** The images as they are made here: they may come from another thread, which turns a Buffer into plain bytes. */
export type PackedImage = {
  [Column in keyof StoredImage]: Buffer extends StoredImage[Column]
    ? Exclude<StoredImage[Column], Buffer> | Uint8Array
    : StoredImage[Column]
}

/** Images as they are stored: CT exactly, dose, where there is one, in 65,535 steps of its slice's maximum. */
export function packImage(image: SliceImage): PackedImage {
  const { rows, columns, ct, dose: gray } = image
  if (gray === null) return { rows, columns, ct: deflate(ct), dose: null, dose_unit_gy: null }
  const highest = gray.reduce((max, gy) => Math.max(max, gy), 0)
  // Not below the smallest normal 4-byte float, which the database would take for 0.
  const unit = highest > 0 ? Math.max(Math.fround(highest / 65535), 2 ** -126) : 1
  const dose = Uint16Array.from(gray, (gy) => Math.min(65535, Math.round(gy / unit)))
  return { rows, columns, ct: deflate(ct), dose: deflate(dose), dose_unit_gy: unit }
}

/** The images of a stored slice: HU, and Gy within half a `dose_unit_gy`. */
export function unpackImage(stored: PackedImage): SliceImage {
  // All that was stored is there.
  return unpackChannels(stored) as SliceImage
}

/** A stored slice of which some of the images were read. */
export type StoredChannels = Pick<StoredImage, 'rows' | 'columns'> &
  Partial<PackedImage> & { readonly structures?: PackedStructures }

/** Some of the images of a slice, as they are stored. */
export function packChannels(image: SliceImage, channels: readonly Channel[]): StoredChannels {
  const { rows, columns, ct, dose, dose_unit_gy } = packImage(image)
  return {
    rows,
    columns,
    ...(channels.includes('ct') && { ct }),
    ...(channels.includes('dose') && { dose, dose_unit_gy }),
  }
}

/** The images and structures that were read of a slice: HU, and Gy within half a `dose_unit_gy`. */
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

// Arrays lie in memory as the format wants them: Node.js runs on little-endian machines only, bar s390x.
function deflate(values: Int16Array | Uint16Array): Buffer {
  return deflateSync(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), {
    level: 1,
  })
}

/** In one piece: by default it comes in pieces of 16 kB that are put together here. */
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

/** The bytes in memory of their own, from its begin on. */
function aligned(bytes: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes
  if (byteOffset === 0 && byteLength === buffer.byteLength) return buffer as ArrayBuffer
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
}
