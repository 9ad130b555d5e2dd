import type { ImageQuality } from '../encode/trained/reconstruction-quality.js'
import { ssimWindows, windowCentre, type ImagePair } from './ssim.js'

/** How far an image is from its reference, in one region of it; NaN where the region has no pixel, or no window. */
export interface RegionErrors {
  /** Mean squared error of a pixel, as a share of the square of the range. */
  readonly mse: number
  /** Mean of the windows whose centre lies in the region. */
  readonly ssim: number
}

/** How far one slice is from what it should be. */
export interface ImageErrors {
  readonly body: RegionErrors
  readonly whole: RegionErrors
}

/** An image that came back exactly has no finite PSNR. */
const MOST_DB = 100

/** Compares a slice with its reference, inside the body (`inside` is 1 there) and as a whole. */
export function imageErrors(pair: ImagePair, inside: Uint8Array): ImageErrors {
  const windows = ssimWindows(pair)
  const errors = Float64Array.from(pair.reference, (value, i) => {
    return ((pair.image[i]! - value) / pair.range) ** 2
  })
  const isInside = (pixel: number) => inside[pixel] === 1
  const everywhere = () => true
  return {
    body: {
      mse: meanWhere(errors, isInside),
      ssim: meanWhere(windows, (window) => isInside(windowCentre(pair, window))),
    },
    whole: { mse: meanWhere(errors, everywhere), ssim: meanWhere(windows, everywhere) },
  }
}

/**
 * The figures of one slice, or of many together. Of a region P (the body, or all pixels) and slices s that have any of it:
 *
 *     PSNR = −10 log10( mean over s of ( mean over pixels p of P of (out(s, p) − in(s, p))² ) ),   peak 1
 *     SSIM = mean over s of ( mean over windows centred in P of SSIM(s, window) )
 *
 * Errors are averaged before the logarithm: the PSNR of single slices has no bound where nothing is to be drawn, as far
 * from a dose, and their mean would tell how many such slices there are. Every slice counts the same.
 */
export function qualityOf(slices: readonly ImageErrors[]): ImageQuality {
  const mean = (of: (one: ImageErrors) => number) => {
    return meanWhere(Float64Array.from(slices, of), (_, value) => !Number.isNaN(value))
  }
  const body = { mse: mean((one) => one.body.mse), ssim: mean((one) => one.body.ssim) }
  return {
    psnr_body_db: Number.isNaN(body.mse) ? null : decibels(body.mse),
    psnr_whole_db: decibels(mean((one) => one.whole.mse)),
    ssim_body: Number.isNaN(body.ssim) ? null : body.ssim,
    ssim_whole: mean((one) => one.whole.ssim),
  }
}

/** PSNR of a mean squared error, for a peak of 1. */
export function decibels(mse: number): number {
  return Math.min(MOST_DB, -10 * Math.log10(mse))
}

function meanWhere(
  values: Float64Array,
  isMeant: (place: number, value: number) => boolean,
): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    if (!isMeant(i, values[i]!)) continue
    sum += values[i]!
    count++
  }
  return sum / count
}
