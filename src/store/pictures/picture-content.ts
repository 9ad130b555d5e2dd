import { promisify } from 'node:util'
import { deflate, inflateSync } from 'node:zlib'
import { isRaster, type Morphology, type Picture, type Raster } from '../../core/picture.js'
import type { PictureTable } from '../connection/database.js'

/** The columns of `cbir.picture` that hold an image or a neuron. */
export type StoredContent = Pick<PictureTable, 'shape'> & { readonly content: Uint8Array }

const packed = promisify<Uint8Array, { level: number }, Buffer>(deflate)

/** Compresses content for storage, on the thread pool of Node.js. */
export async function packContent(content: Picture['content']): Promise<StoredContent> {
  if (isRaster(content)) {
    const { rows, columns, channels, pixels } = content
    return { shape: [rows, columns, channels], content: await packed(pixels, { level: 1 }) }
  }
  const { x, y, z, radius, parent, type } = content
  const parts = [x, y, z, radius, parent, type].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  return { shape: [parent.length], content: await packed(Buffer.concat(parts), { level: 1 }) }
}

/** Decompresses stored content. */
export function unpackContent({ shape, content }: StoredContent): Raster | Morphology {
  const [first = 0, columns, channels] = shape
  if (columns === undefined) return unpackMorphology(content, first)
  const kept = channels === 3 ? 3 : 1
  return {
    rows: first,
    columns,
    channels: kept,
    pixels: inflated(content, first * columns * kept),
  }
}

function unpackMorphology(content: Uint8Array, points: number): Morphology {
  // Copied, so that each typed array begins at an aligned offset.
  const { buffer } = new Uint8Array(inflated(content, 21 * points))
  const floats = (part: number) => new Float32Array(buffer, 4 * part * points, points)
  return {
    x: floats(0),
    y: floats(1),
    z: floats(2),
    radius: floats(3),
    parent: new Int32Array(buffer, 16 * points, points),
    type: new Uint8Array(buffer, 20 * points, points),
  }
}

/** Inflates in one piece; by default zlib would produce pieces of 16 kB, which would be concatenated here. */
function inflated(bytes: Uint8Array, length: number): Uint8Array {
  return inflateSync(bytes, { chunkSize: Math.max(64, length) })
}
