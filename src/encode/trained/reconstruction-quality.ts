import type { Channel } from '../../core/plan.js'

/**
 * How well images come back from their features: `body` is measured inside the body alone, `whole` over the whole
 * slice, most of which is air, which any encoder gives back.
 */
export interface ImageQuality {
  /** PSNR in dB for a peak of 1, 100 at most; null where no slice shows any body. */
  readonly psnr_body_db: number | null
  readonly psnr_whole_db: number
  /** Structural similarity, 1 for equal images; null where no window has its centre inside a body. */
  readonly ssim_body: number | null
  readonly ssim_whole: number
}

/** The figures of a quality, the harder region first. */
export const QUALITY_FIGURES = [
  'psnr_body_db',
  'psnr_whole_db',
  'ssim_body',
  'ssim_whole',
] as const satisfies readonly (keyof ImageQuality)[]

/** How well an encoder gives back one kind of image, on slices of patients that it was not trained on. */
export interface ReconstructionQuality extends ImageQuality {
  readonly channel: Channel
  readonly slices: number
  readonly patients: number
  /** Ends of the intervals that hold 95 % of what patients drawn anew give; null where there is but one patient. */
  readonly intervals: Readonly<Record<keyof ImageQuality, readonly [number, number] | null>>
}
