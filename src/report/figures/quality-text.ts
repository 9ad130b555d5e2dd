import type {
  ImageQuality,
  ReconstructionQuality,
} from '../../encode/trained/reconstruction-quality.js'
import { fixed } from '../drawing/format.js'
import { intervalText } from '../drawing/intervals.js'

/** PSNR of both regions: `PSNR 17.6 dB inside the body, 26.7 dB over the whole slice`. */
export function psnrText(quality: ImageQuality): string {
  const { psnr_body_db: body, psnr_whole_db: whole } = quality
  return `PSNR ${fixed(body ?? NaN, 1)} dB inside the body, ${fixed(whole, 1)} dB over the whole slice`
}

/** SSIM of both regions: `SSIM 0.612 inside the body, 0.931 over the whole slice`. */
export function ssimText({ ssim_body: body, ssim_whole: whole }: ImageQuality): string {
  return `SSIM ${fixed(body ?? NaN, 3)} inside the body, ${fixed(whole, 3)} over the whole slice`
}

/** Reconstruction quality of an encoder for one kind of image, with intervals over patients. */
export function reconstructionText(quality: ReconstructionQuality): string {
  const { channel, slices, patients, intervals } = quality
  const withInterval = (figure: keyof ImageQuality, decimals: number, unit = '') => {
    const mean = quality[figure] ?? NaN
    const [low, high] = intervals[figure] ?? [null, null]
    return `${fixed(mean, decimals)}${unit} (${intervalText({ mean, low, high }, decimals)})`
  }
  return (
    `Over ${slices} slices of ${patients === 1 ? 'one held-out patient' : `${patients} held-out patients`}, ` +
    `${channel === 'ct' ? 'CT' : 'dose'}: PSNR ${withInterval('psnr_body_db', 1, ' dB')} inside the body, ` +
    `${withInterval('psnr_whole_db', 1, ' dB')} over the whole slice; SSIM ${withInterval('ssim_body', 3)} inside the body, ` +
    `${withInterval('ssim_whole', 3)} over the whole slice; in brackets the 95 % interval over patients.`
  )
}

/** The definition of the figures, for captions. */
export function qualityGuide(size: number): string {
  return (
    `PSNR (peak signal-to-noise ratio, higher is better) and SSIM (structural similarity, 1 for equal images) compare ` +
    `the whole slice of ${size} × ${size} pixels with its reconstruction, values scaled to 0 to 1; if an encoder sees only ` +
    `a part of the slice, that part is first put back at its place. Inside the body: only pixels (for SSIM, windows with their ` +
    `centres) within the outline of the CT count. Over the whole slice: all pixels count, most of which are air, which is easy to reconstruct. PSNR is ` +
    `−10 log₁₀ of the mean over slices of the mean squared error of their pixels; SSIM is a mean over slices.`
  )
}
