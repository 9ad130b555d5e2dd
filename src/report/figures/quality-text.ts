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
  const told = (figure: keyof ImageQuality, decimals: number, unit = '') => {
    const mean = quality[figure] ?? NaN
    const [low, high] = intervals[figure] ?? [null, null]
    return `${fixed(mean, decimals)}${unit} (${intervalText({ mean, low, high }, decimals)})`
  }
  return (
    `Over ${slices} slices of ${patients === 1 ? 'one patient' : `${patients} patients`} not trained on, ` +
    `${channel === 'ct' ? 'CT' : 'dose'}: PSNR ${told('psnr_body_db', 1, ' dB')} inside the body, ` +
    `${told('psnr_whole_db', 1, ' dB')} over the whole slice; SSIM ${told('ssim_body', 3)} inside the body, ` +
    `${told('ssim_whole', 3)} over the whole slice; in brackets the 95 % interval over patients.`
  )
}

/** The definition of the figures, for captions. */
export function qualityGuide(size: number): string {
  return (
    `PSNR (peak signal-to-noise ratio, the higher the better) and SSIM (structural similarity, 1 for equal images) compare ` +
    `the whole slice of ${size} × ${size} pixels with what comes back of it, values scaled to 0 to 1; what an encoder sees of ` +
    `a part is put back at its place first. Inside the body only the pixels count, and for SSIM the centres of the windows, that ` +
    `lie within the outline of the CT. Over the whole slice all count, of which most are air that comes back easily. PSNR is ` +
    `−10 log₁₀ of the mean over slices of the mean squared error of their pixels; SSIM is a mean over slices.`
  )
}
