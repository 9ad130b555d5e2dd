import { marker, readFrame, segmentReader } from './jpeg-segments.js'
import type { Cells, PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'
import { decodeWasm, untilEnd, type WasmCodec } from './wasm.js'

const charLs: WasmCodec = {
  specifier: '@cornerstonejs/codec-charls/decodewasmjs',
  decoder: 'JpegLSDecoder',
}
/** JPEG-LS parameters for a size that differs from that of the frame. */
const oversize = 4

/** Decodes a grey JPEG-LS stream, lossless or near-lossless. */
export function decodeJpegLs(
  stream: Uint8Array,
  layout: PixelLayout,
  refuse: Refuse,
): Promise<Cells> {
  const whole = untilEnd(stream, refuse)
  const reader = segmentReader(whole, refuse)
  let framed = false
  for (let code = reader.marker(); code !== marker.scan; code = reader.marker()) {
    const content = reader.segment()
    if (code === marker.jpegLsFrame) {
      if (framed) refuse('has a second frame in its JPEG-LS stream')
      readFrame(content, layout, refuse)
      framed = true
    } else if (code === marker.jpegLsParameters && content[0] === oversize)
      refuse('has a second size in its JPEG-LS stream')
  }
  if (!framed) refuse('has no frame in its JPEG-LS stream')
  return decodeWasm(charLs, whole, layout, refuse)
}
