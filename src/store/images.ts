import { deflateSync, inflateSync } from 'node:zlib'
import type { SliceImage } from '../core/plan.js'
import type { SliceTable } from './database.js'

/** The columns of `cbir.slice` that hold the images. */
export type StoredImage = Pick<SliceTable, 'rows' | 'columns' | 'ct' | 'dose' | 'dose_unit_gy'>

/** The same, as a list to select. */
export const IMAGE_COLUMNS = ['rows', 'columns', 'ct', 'dose', 'dose_unit_gy'] as const

/** The same as they are made here: they may come from another thread, which turns a Buffer into plain bytes. */
export type PackedImage = {
  [Column in keyof StoredImage]: StoredImage[Column] extends Buffer
    ? Uint8Array
    : StoredImage[Column]
}

/** Images as they are stored: CT exactly, dose in 65,535 steps of its slice's maximum. */
export function packImage(image: SliceImage): PackedImage {
  const highest = image.dose.reduce((max, gy) => Math.max(max, gy), 0)
  // Not below the smallest normal 4-byte float, which the database would take for 0.
  const unit = highest > 0 ? Math.max(Math.fround(highest / 65535), 2 ** -126) : 1
  const dose = Uint16Array.from(image.dose, (gy) => Math.min(65535, Math.round(gy / unit)))
  return {
    rows: image.rows,
    columns: image.columns,
    ct: deflate(image.ct),
    dose: deflate(dose),
    dose_unit_gy: unit,
  }
}

/** The images of a stored slice: HU, and Gy within half a `dose_unit_gy`. */
export function unpackImage(stored: PackedImage): SliceImage {
  const dose = inflate(stored.dose)
  return {
    rows: stored.rows,
    columns: stored.columns,
    ct: new Int16Array(inflate(stored.ct)),
    dose: Float32Array.from(new Uint16Array(dose), (steps) => steps * stored.dose_unit_gy),
  }
}

// Arrays lie in memory as the format wants them: Node.js runs on little-endian machines only, bar s390x.
function deflate(values: Int16Array | Uint16Array): Buffer {
  return deflateSync(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), {
    level: 1,
  })
}

function inflate(bytes: Uint8Array): ArrayBuffer {
  const plain = inflateSync(bytes)
  return plain.buffer.slice(plain.byteOffset, plain.byteOffset + plain.byteLength)
}
