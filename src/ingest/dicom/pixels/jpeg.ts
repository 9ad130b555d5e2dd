import { bitReader, huffmanTable, type HuffmanTable } from './jpeg-bits.js'
import { decodeDctScan, noCoefficients, type Coefficients } from './jpeg-dct.js'
import { decodeLossless } from './jpeg-lossless.js'
import { samplesOf } from './jpeg-samples.js'
import { marker, readFrame, segmentReader, type JpegFrame } from './jpeg-segments.js'
import type { Cells, PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'

/** The processes of DICOM, by their frame markers; all use Huffman codes. */
const processes: Readonly<Record<number, Process>> = {
  0xc0: 'sequential',
  0xc1: 'sequential',
  0xc2: 'progressive',
  0xc3: 'lossless',
}
type Process = 'sequential' | 'progressive' | 'lossless'

/** An image that scans fill. */
interface Picture {
  readonly frame: JpegFrame
  readonly process: Process
  readonly coefficients: Coefficients
  quantization: Uint16Array | undefined
  lossless: Uint16Array | undefined
}

/**
 * Decodes a grey JPEG stream: baseline, extended, progressive or lossless, of 8, 12 or up to 16 bits. This is not left
 * to a package: no maintained one decodes 12 bits, which JPEG in CT has, and the one that tries (dcmjs-codecs 0.0.8)
 * did not return from a damaged stream.
 */
export function decodeJpeg(stream: Uint8Array, layout: PixelLayout, refuse: Refuse): Cells {
  const reader = segmentReader(stream, refuse)
  /** Indexed by class (0: first coefficients and differences, 1: others) times 4 plus number. */
  const codes: (HuffmanTable | undefined)[] = []
  const quantizations: (Uint16Array | undefined)[] = []
  let restartInterval = 0
  let picture: Picture | undefined

  for (let code = reader.marker(); code !== marker.end; code = reader.marker()) {
    const process = processes[code]
    if (process !== undefined) {
      if (picture !== undefined) refuse('has a second frame in its JPEG stream')
      picture = begin(process, readFrame(reader.segment(), layout, refuse))
    } else if (code === marker.huffmanTables) readHuffmanTables(reader.segment())
    else if (code === marker.quantizationTables) readQuantizationTables(reader.segment())
    else if (code === marker.restartInterval) {
      const [high = 0, low = 0] = reader.segment()
      restartInterval = (high << 8) | low
    } else if (code === marker.scan) {
      if (picture === undefined) refuse('has a scan before the frame of its JPEG stream')
      readScan(picture, reader.segment())
    } else if ((code >= 0xe0 && code <= 0xef) || code === 0xfe) reader.segment()
    else
      refuse(`has the marker 0xff${code.toString(16)} in its JPEG stream, which is not supported`)
  }
  if (picture === undefined) refuse('has no image in its JPEG stream')
  const { precision } = picture.frame
  return { values: finish(picture), bits: precision }

  function begin(process: Process, frame: JpegFrame): Picture {
    const { precision } = frame
    if (process !== 'lossless' && precision !== 8 && precision !== 12)
      refuse(`has ${precision} bits per sample in its JPEG stream, not 8 or 12`)
    const blocks = Math.ceil(layout.rows / 8) * Math.ceil(layout.columns / 8)
    const coefficients = noCoefficients(process === 'lossless' ? 0 : blocks)
    return { frame, process, coefficients, quantization: undefined, lossless: undefined }
  }

  function readHuffmanTables(content: Uint8Array) {
    for (let at = 0; at < content.length;) {
      const place = content[at] as number
      const counts = content.subarray(at + 1, at + 17)
      const end = at + 17 + counts.reduce((sum, count) => sum + count, 0)
      if ((place & 0xef) > 3 || end > content.length)
        refuse('is damaged: a Huffman table of its JPEG stream is incomplete')
      codes[(place >> 4) * 4 + (place & 3)] = huffmanTable(
        counts,
        content.subarray(at + 17, end),
        refuse,
      )
      at = end
    }
  }

  function readQuantizationTables(content: Uint8Array) {
    for (let at = 0; at < content.length;) {
      const place = content[at] as number
      const bytes = place >> 4 === 0 ? 1 : 2
      const end = at + 1 + 64 * bytes
      if ((place & 0xef) > 3 || end > content.length)
        refuse('is damaged: a quantization table of its JPEG stream is incomplete')
      const from = at + 1
      quantizations[place & 3] = Uint16Array.from({ length: 64 }, (_, k) =>
        bytes === 1
          ? (content[from + k] as number)
          : ((content[from + 2 * k] as number) << 8) | (content[from + 2 * k + 1] as number),
      )
      at = end
    }
  }

  function readScan(target: Picture, header: Uint8Array) {
    if (header.length !== 6 || header[0] !== 1)
      refuse('is damaged: a scan header of its JPEG stream is incomplete')
    const [, , tables = 0, from = 0, to = 0, bits = 0] = header
    const bitsReader = bitReader(stream, reader.position, refuse)
    const scan = { reader: bitsReader, restartInterval }
    const { frame, process, coefficients } = target
    const dc = codes[(tables >> 4) & 3]
    if (process === 'lossless') {
      if (dc === undefined) refuse('is damaged: its JPEG stream lacks a Huffman table')
      if (target.lossless !== undefined) refuse('has a second scan in its JPEG stream')
      const lossless = { ...scan, table: dc, precision: frame.precision }
      const options = { ...lossless, predictor: from, pointTransform: bits & 15 }
      target.lossless = decodeLossless(options, layout, refuse)
    } else {
      target.quantization ??= quantizations[frame.table & 3]
      const options = {
        ...scan,
        dc,
        ac: codes[4 + (tables & 3)],
        from,
        to,
        high: bits >> 4,
        low: bits & 15,
      }
      decodeDctScan(coefficients, options, process === 'progressive', refuse)
    }
    reader.seek(bitsReader.position)
  }

  function finish({ frame, coefficients, quantization, lossless }: Picture): Uint16Array {
    if (lossless !== undefined) return lossless
    if (coefficients.known[0] === -1) refuse('is cut off: its JPEG stream has no image data')
    if (quantization === undefined) refuse('is damaged: its JPEG stream lacks a quantization table')
    const { rows, columns } = layout
    return samplesOf(coefficients.blocks, {
      rows,
      columns,
      precision: frame.precision,
      quantization,
    })
  }
}
