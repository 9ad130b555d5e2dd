import type { Cells, PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'
import { decodeWasm, untilEnd, type WasmCodec } from './wasm.js'

const openJpeg: WasmCodec = {
  specifier: '@cornerstonejs/codec-openjpeg/decodewasmjs',
  decoder: 'J2KDecoder',
}

const marker = { size: 0xff51, style: 0xff52, tile: 0xff90, data: 0xff93, end: 0xffd9 } as const
/** Markers for coding styles of one component or tile, and for changes of the order, which CT does not use. */
const otherStyles = [0xff53, 0xff5f]
/**
 * Most packets and tiles; an image in one tile has less than a hundred packets. Each takes time and memory even if it
 * is empty: a malicious stream of 100 kB kept OpenJPEG busy for four minutes.
 */
const mostPackets = 1 << 20
const mostTiles = 1 << 12

/** Decodes a grey JPEG 2000 stream, reversible or irreversible. */
export function decodeJpeg2000(
  stream: Uint8Array,
  layout: PixelLayout,
  refuse: Refuse,
): Promise<Cells> {
  const whole = untilEnd(stream, refuse)
  check(whole, layout, refuse)
  return decodeWasm(openJpeg, whole, layout, refuse)
}

/** Size of the tiles of an image. */
interface Tiles {
  readonly count: number
  readonly width: number
  readonly height: number
}

/** Checks the headers and refuses a stream that does not match the size in the file. */
function check(stream: Uint8Array, layout: PixelLayout, refuse: Refuse): void {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length)
  if (stream.length < 51 || view.getUint32(0) !== 0xff4fff51)
    refuse('does not begin as a JPEG 2000 stream')
  const tiles = readSize(view, layout, refuse)
  let at = 2
  for (; word(at) !== marker.tile; at = next(at)) {
    const code = word(at)
    if (otherStyles.includes(code)) refuse('has several coding styles in its JPEG 2000 stream')
    if (code === marker.style) checkPackets(stream.subarray(at + 4, next(at)), tiles, refuse)
  }
  while (word(at) !== marker.end) {
    if (word(at) !== marker.tile) refuse('is damaged: its JPEG 2000 stream is interrupted')
    const length = at + 10 <= stream.length ? view.getUint32(at + 6) : 0
    // The last one may leave its length open.
    const end = length === 0 ? stream.length - 2 : at + Math.max(length, 14)
    for (let inner = next(at); word(inner) !== marker.data; inner = next(inner)) {
      if (inner >= end) refuse('is damaged: a tile of its JPEG 2000 stream has no data')
      if (word(inner) === marker.style || otherStyles.includes(word(inner)))
        refuse('has several coding styles in its JPEG 2000 stream')
    }
    at = end
  }

  function word(position: number): number {
    return position + 2 <= stream.length
      ? view.getUint16(position)
      : refuse('is cut off within its JPEG 2000 stream')
  }

  function next(position: number): number {
    return position + 2 + Math.max(2, word(position + 2))
  }
}

function readSize(view: DataView, layout: PixelLayout, refuse: Refuse): Tiles {
  const [right, bottom, left, top] = [8, 12, 16, 20].map((at) => view.getUint32(at)) as Four
  const [tileWidth, tileHeight] = [view.getUint32(24), view.getUint32(28)]
  const [rows, columns] = [bottom - top, right - left]
  if (rows !== layout.rows || columns !== layout.columns)
    refuse(
      `is ${rows} x ${columns} in its JPEG 2000 stream, Rows x Columns are ${layout.rows} x ${layout.columns}`,
    )
  const components = view.getUint16(40)
  if (components !== 1) refuse(`has ${components} components in its JPEG 2000 stream, not 1`)
  if (left + top > 0 || tileWidth === 0 || tileHeight === 0)
    refuse('has no plain grid in its JPEG 2000 stream')
  const count = Math.ceil(columns / tileWidth) * Math.ceil(rows / tileHeight)
  if (count > mostTiles) refuse(`has ${count} tiles in its JPEG 2000 stream`)
  return {
    count,
    width: Math.min(columns, tileWidth),
    height: Math.min(rows, tileHeight),
  }
}

type Four = [number, number, number, number]

/** Counts the packets of all tiles: one per layer, resolution and precinct. */
function checkPackets(style: Uint8Array, tiles: Tiles, refuse: Refuse): void {
  const [flags = 0, , high = 0, low = 0, , levels = 0] = style
  if (levels > 32) refuse(`has ${levels} levels in its JPEG 2000 stream`)
  let precincts = 0
  for (let level = 0; level <= levels; level++) {
    const size = (flags & 1) === 1 ? (style[10 + level] ?? 0) : 0xff
    const scale = 2 ** (levels - level)
    const across = Math.ceil(tiles.width / scale / 2 ** (size & 15)) + 1
    const down = Math.ceil(tiles.height / scale / 2 ** (size >> 4)) + 1
    precincts += across * down
  }
  const packets = tiles.count * ((high << 8) | low) * precincts
  if (packets > mostPackets) refuse(`has ${packets} packets in its JPEG 2000 stream`)
}
