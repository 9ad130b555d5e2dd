import type { Refuse } from '../elements/refusal.js'

/** Markers outside numbered series. */
export const marker = {
  huffmanTables: 0xc4,
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  quantizationTables: 0xdb,
  restartInterval: 0xdd,
  jpegLsFrame: 0xf7,
  jpegLsParameters: 0xf8,
} as const

/** A position in a stream of marker segments. */
export interface SegmentReader {
  /** The next marker; skips bytes before it. */
  marker(): number
  /** The content of the segment that follows a marker. */
  segment(): Uint8Array
  readonly position: number
  seek(position: number): void
}

/** Reads the markers of a JPEG or JPEG-LS stream, which must begin with one. */
export function segmentReader(stream: Uint8Array, refuse: Refuse): SegmentReader {
  let at = 0
  const next = () => {
    for (; at + 1 < stream.length; at++) {
      const byte = stream[at + 1] as number
      // 0xff00 is a data byte, and a marker may follow any number of 0xff.
      if (stream[at] === 0xff && byte !== 0 && byte !== 0xff) {
        at += 2
        return byte
      }
    }
    return refuse('is cut off: its JPEG stream has no end')
  }
  if (stream[0] !== 0xff || next() !== marker.start) refuse('does not begin as a JPEG stream')
  return {
    marker: next,
    segment() {
      const length = ((stream[at] as number) << 8) | (stream[at + 1] as number)
      if (at + 2 > stream.length || length < 2 || at + length > stream.length)
        refuse('is cut off within a segment of its JPEG stream')
      const content = stream.subarray(at + 2, at + length)
      at += length
      return content
    },
    get position() {
      return at
    },
    seek(position) {
      at = position
    },
  }
}

/** Frame header of an image with one component. */
export interface JpegFrame {
  /** Bits of a sample. */
  readonly precision: number
  /** Number of the quantization table. */
  readonly table: number
}

/** Reads a frame header, and refuses a size that differs from the file before memory is allocated. */
export function readFrame(
  content: Uint8Array,
  size: { readonly rows: number; readonly columns: number },
  refuse: Refuse,
): JpegFrame {
  if (content.length < 6) refuse('is damaged: a frame header of its JPEG stream is too short')
  const word = (at: number) => ((content[at] as number) << 8) | (content[at + 1] as number)
  const [precision, rows, columns] = [content[0] as number, word(1), word(3)]
  if (rows !== size.rows || columns !== size.columns)
    refuse(
      `is ${rows} x ${columns} in its JPEG stream, Rows x Columns are ${size.rows} x ${size.columns}`,
    )
  const components = content[5] as number
  if (components !== 1) refuse(`has ${components} components in its JPEG stream, not 1`)
  if (content.length !== 9) refuse('is damaged: a frame header of its JPEG stream is incomplete')
  if (precision < 2 || precision > 16) refuse(`has ${precision} bits per sample in its JPEG stream`)
  return { precision, table: content[8] as number }
}
