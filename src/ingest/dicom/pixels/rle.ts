import type { Cells, PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'

const headerBytes = 64

/**
 * RLE of DICOM (PS3.5 annex G): one segment per byte of a cell, highest first, each packed like PackBits in TIFF. This
 * is not left to a package, because the available ones read beyond the end of a segment.
 */
export function decodeRle(stream: Uint8Array, layout: PixelLayout, refuse: Refuse): Cells {
  if (stream.length < headerBytes) refuse('is cut off: its RLE header has 64 bytes')
  const header = new DataView(stream.buffer, stream.byteOffset, headerBytes)
  const segments = header.getUint32(0, true)
  const bytes = layout.bitsAllocated / 8
  if (segments !== bytes) refuse(`has ${segments} RLE segments, not ${bytes}`)
  const offsets = Array.from({ length: bytes }, (_, i) => header.getUint32(4 + 4 * i, true))
  const size = layout.rows * layout.columns
  // A pair of bytes expands to at most 128.
  if (stream.length * 64 < size) refuse('is cut off: it has too few bytes for the image')
  const values = bytes === 4 ? new Uint32Array(size) : new Uint16Array(size)
  offsets.forEach((from, i) => {
    const to = offsets[i + 1] ?? stream.length
    if (from < headerBytes || to > stream.length || from > to)
      refuse('is damaged: an RLE segment lies outside of it')
    unpack(stream.subarray(from, to), values, 8 * (bytes - 1 - i), refuse)
  })
  return { values, bits: layout.bitsAllocated }
}

/** Unpacks a segment into one byte of each cell. */
function unpack(segment: Uint8Array, values: Cells['values'], shift: number, refuse: Refuse): void {
  let at = 0
  let filled = 0
  while (filled < values.length) {
    if (at >= segment.length) refuse('is cut off: an RLE segment ends before the image')
    const control = segment[at++] as number
    if (control === 128) continue
    const repeated = control > 128
    const count = Math.min(repeated ? 257 - control : control + 1, values.length - filled)
    if (at + (repeated ? 1 : count) > segment.length)
      refuse('is cut off: an RLE segment ends before the image')
    for (const end = filled + count; filled < end; filled++) {
      const byte = segment[at] as number
      if (!repeated) at++
      values[filled] = (values[filled] as number) | (byte << shift)
    }
    if (repeated) at++
  }
}
