import { marker } from './jpeg-segments.js'
import type { Cells, PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'

/** Export of the packages: a factory of WebAssembly modules, each with its own memory. */
type Factory = (options: object) => Promise<Readonly<Record<string, new () => Decoder>>>

interface Decoder {
  /** Memory of the module for the stream. */
  getEncodedBuffer(length: number): Uint8Array
  decode(): void
  /** Memory of the module with the pixels. */
  getDecodedBuffer(): Uint8Array
  getFrameInfo(): FrameInfo
  delete(): void
}

interface FrameInfo {
  readonly width: number
  readonly height: number
  readonly bitsPerSample: number
  readonly componentCount: number
}

interface Decoded {
  readonly pixels: Uint8Array
  readonly info: FrameInfo
}

/** A decoder package in WebAssembly. */
export interface WasmCodec {
  readonly specifier: string
  /** Name of the decoder in the module. */
  readonly decoder: string
  /** The module, after its first use. It is replaced after a failure, which may leave it in an inconsistent state. */
  module?: ReturnType<Factory> | undefined
}

/**
 * The stream up to its end, without padding. A truncated stream is refused here: CharLS was busy with one for half a
 * minute, and OpenJPEG fills in the missing part.
 */
export function untilEnd(stream: Uint8Array, refuse: Refuse): Uint8Array {
  const endsAt = (end: number) => stream[end - 2] === 0xff && stream[end - 1] === marker.end
  let end = stream.length
  while (end > 0 && stream[end - 1] === 0) end--
  // A stream of odd length is padded by one byte, which not every writer sets to 0.
  if (!endsAt(end)) end--
  if (!endsAt(end)) refuse('is cut off: its JPEG stream has no end')
  return stream.subarray(0, end)
}

/** Decodes a stream whose header was checked; the image must have the size stated in the file. */
export async function decodeWasm(
  codec: WasmCodec,
  stream: Uint8Array,
  layout: PixelLayout,
  refuse: Refuse,
): Promise<Cells> {
  const { rows, columns } = layout
  const decoded = await attempt(codec, stream)
  if (decoded === null) return refuse('is damaged: its JPEG stream cannot be decoded')
  const { pixels, info } = decoded
  const { width, height, bitsPerSample: bits } = info
  const bytes = bits <= 8 ? 1 : 2
  if (width !== columns || height !== rows || pixels.length !== rows * columns * bytes)
    refuse('is damaged: its JPEG stream gives no complete image')
  return { values: bytes === 1 ? Uint16Array.from(pixels) : new Uint16Array(pixels.buffer), bits }
}

/** The decoded stream; `null` if the decoder fails, whose C++ exceptions carry no information. */
async function attempt(codec: WasmCodec, stream: Uint8Array): Promise<Decoded | null> {
  const loading = (codec.module ??= load(codec.specifier))
  const module = await loading
  // Another image may have failed in the meantime.
  if (codec.module !== loading) return attempt(codec, stream)
  try {
    const decoder = new (module[codec.decoder] as new () => Decoder)()
    decoder.getEncodedBuffer(stream.length).set(stream)
    decoder.decode()
    // Copied, because the memory of the module is freed.
    const result = { pixels: decoder.getDecodedBuffer().slice(), info: decoder.getFrameInfo() }
    decoder.delete()
    return result
  } catch {
    codec.module = undefined
    return null
  }
}

/** Loads a module on first use; its package has no types, and would print messages. */
async function load(specifier: string): ReturnType<Factory> {
  const { default: factory } = (await import(specifier)) as { default: Factory }
  const silent = () => undefined
  return factory({ print: silent, printErr: silent })
}
