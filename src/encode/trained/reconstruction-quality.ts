import type { Channel } from '../../core/plan.js'

/**
 * Quality of reconstructed images: `body` is measured inside the body only, `whole` over the whole slice, most of which
 * is air, which any encoder reconstructs.
 */
export interface ImageQuality {
  /** PSNR in dB for a peak of 1, at most 100; null if no slice shows a body. */
  readonly psnr_body_db: number | null
  readonly psnr_whole_db: number
  /** Structural similarity, 1 for equal images; null if no window has its centre inside a body. */
  readonly ssim_body: number | null
  readonly ssim_whole: number
}

/** The figures of a quality, the more difficult region first. */
export const QUALITY_FIGURES = [
  'psnr_body_db',
  'psnr_whole_db',
  'ssim_body',
  'ssim_whole',
] as const satisfies readonly (keyof ImageQuality)[]

/** Quality of an encoder's reconstructions of one kind of image, on slices of held-out patients. */
export interface ReconstructionQuality extends ImageQuality {
  readonly channel: Channel
  readonly slices: number
  readonly patients: number
  /** 95 % bootstrap intervals over patients; null for a single patient. */
  readonly intervals: Readonly<Record<keyof ImageQuality, readonly [number, number] | null>>
}
