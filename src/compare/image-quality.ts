import type { ImageQuality } from '../encode/trained/reconstruction-quality.js'
import { ssimWindows, windowCentre, type ImagePair } from './ssim.js'

/** Errors of an image against its reference in one region; NaN if the region has no pixel or no window. */
export interface RegionErrors {
  /** Mean squared error per pixel, as a share of the squared range. */
  readonly mse: number
  /** Mean over the windows whose centre is in the region. */
  readonly ssim: number
}

/** Errors of one slice, by region. */
export interface ImageErrors {
  readonly body: RegionErrors
  readonly whole: RegionErrors
}

/** Upper limit of PSNR, since that of an exact reconstruction is infinite. */
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
 * The figures of one slice, or of many together. For a region P (the body, or all pixels) and the slices s that contain it:
 *
 *     PSNR = −10 log10( mean over s of ( mean over pixels p of P of (out(s, p) − in(s, p))² ) ),   peak 1
 *     SSIM = mean over s of ( mean over windows centred in P of SSIM(s, window) )
 *
 * Errors are averaged before the logarithm: the PSNR of a slice without content, such as one far from any dose, is
 * unbounded, and a mean of PSNRs would mostly count such slices. Every slice has the same weight.
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
