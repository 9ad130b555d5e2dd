import type * as Sharp from 'sharp'
import { LshError } from '../../core/errors.js'

/** The decoder, an optional dependency. */
export type ImageDecoder = typeof Sharp.default

let opening: Promise<ImageDecoder> | undefined

/**
 * Loads the decoder once.
 *
 * @throws LshError `backend` if it is not installed, or not built for this machine
 */
export async function imageDecoder(): Promise<ImageDecoder> {
  opening ??= load()
  return opening
}

async function load(): Promise<ImageDecoder> {
  try {
    const { default: sharp } = await import('sharp')
    // Images are decoded in parallel and read once, so that neither a cache nor threads per image
    // would help.
    sharp.cache(false)
    sharp.concurrency(1)
    return sharp
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    throw new LshError(
      'backend',
      missing
        ? 'images are decoded by the package sharp, which is not installed'
        : 'the image decoder sharp does not load on this machine',
      {
        hint: 'Install it: "npm install --include=optional sharp". It needs Linux, macOS or Windows on x64 or arm64.',
        cause,
      },
    )
  }
}
