import type { Metadata } from 'sharp'
import type { Budget } from '../../core/budget.js'
import { LshError } from '../../core/errors.js'
import type { PictureFacts, Raster } from '../../core/picture.js'
import { imageDecoder, type ImageDecoder } from './image-decoder.js'
import { imageFormat } from './image-format.js'
import { stretchSamples } from './stretch-samples.js'

/** An image as it is stored. */
export interface ReadImage {
  readonly content: Raster
  /** 8-bit PNG with at most 192 rows and columns. */
  readonly preview: Uint8Array
  readonly attributes: PictureFacts['attributes']
  readonly remarks: readonly string[]
}

/** Most rows and columns that are stored; the inputs of encoders are smaller. */
const SIDE = 256
const PREVIEW_SIDE = 192
/** Most pixels that are decoded: 10,000 x 10,000. A file of some kilobytes can claim any number. */
export const MOST_PIXELS = 100_000_000

/**
 * Decodes an image: rotated by its EXIF orientation, transparent parts on white, the first page of several, in grey if
 * the file is grey, else in sRGB, averaged to at most 256 rows and columns. Grey samples of 16 bits and more are
 * stretched from the smallest to the largest value.
 *
 * @param budget memory in bytes for images that are decoded at the same time
 * @throws LshError `bad_input` for an invalid or damaged image; the message contains no path
 */
export async function readImage(bytes: Buffer, budget: Budget): Promise<ReadImage> {
  const format = imageFormat(bytes)
  if (format === null)
    throw refused('it is not a PNG, JPEG, TIFF or WebP image', 'Convert it to one of these.')
  const sharp = await imageDecoder()
  const facts = await metadata(sharp, bytes)
  const { width, height, channels, depth } = facts
  if (width * height > MOST_PIXELS)
    throw refused(
      `it has ${width} x ${height} pixels, more than ${MOST_PIXELS / 1e6} million`,
      'Cut it into tiles, or make it smaller first.',
    )
  const bytesOf = width * height * channels * (depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 4)
  return budget.run(bytesOf, () => decode(sharp, bytes, facts))
}

async function metadata(sharp: ImageDecoder, bytes: Buffer): Promise<Metadata> {
  return sharp(bytes, { limitInputPixels: false }).metadata().catch(damaged)
}

async function decode(sharp: ImageDecoder, bytes: Buffer, facts: Metadata): Promise<ReadImage> {
  const { depth, space, hasAlpha, format, pages = 1, orientation = 1 } = facts
  const grey = space === 'b-w' || space === 'grey16' || facts.channels - Number(hasAlpha) === 1
  const deep = depth !== 'uchar'
  const real = deep && depth !== 'ushort'
  let image = sharp(bytes, { failOn: 'error', limitInputPixels: MOST_PIXELS }).autoOrient()
  if (hasAlpha) image = image.flatten({ background: '#ffffff' })
  image = image.resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
  // Floating-point samples have no colour space and are used as they are.
  if (!real) image = image.toColourspace(grey ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb')
  const { data, info } = await image
    .raw({ depth: real ? 'float' : deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(damaged)
  const { pixels, channels, range } = stretchSamples(data, {
    depth: real ? 'float' : deep ? 'ushort' : 'uchar',
    channels: info.channels,
    grey,
  })
  const { width, height } = facts.autoOrient
  const raster = { rows: info.height, columns: info.width, channels, pixels }
  return {
    content: raster,
    preview: await previewOf(sharp, raster),
    attributes: {
      format,
      width,
      height,
      depth: BITS[depth] ?? depth,
      ...(hasAlpha && { alpha: true }),
      ...(orientation > 1 && { orientation }),
      ...(pages > 1 && { pages }),
      ...(range && { least: range[0], greatest: range[1] }),
    },
    remarks: pages > 1 ? [`it has ${pages} pages: the first was taken`] : [],
  }
}

async function previewOf(sharp: ImageDecoder, raster: Raster): Promise<Uint8Array> {
  const { rows: height, columns: width, channels, pixels } = raster
  return sharp(pixels, { raw: { width, height, channels } })
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png({ compressionLevel: 4 })
    .toBuffer()
}

/** Bits per sample, by the decoder's name of the type. */
const BITS: Readonly<Record<string, number>> = { uchar: 8, ushort: 16 }

/** The message of the decoder, on one line; it contains no path. */
function damaged(cause: unknown): never {
  const said = (cause instanceof Error ? cause.message : String(cause))
    .split('\n')[0]!
    .replace(/[:\s]+$/, '')
  throw refused(
    `it is damaged: ${said.slice(0, 160)}`,
    'Copy it again from its source, or leave it out.',
    cause,
  )
}

function refused(message: string, hint: string, cause?: unknown): LshError {
  return new LshError('bad_input', message, { hint, cause })
}
