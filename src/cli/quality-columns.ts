/** Columns of tables with reconstruction quality, the more difficult region first. */
export const QUALITY_COLUMNS = [
  { key: 'psnr_body_db', label: 'PSNR dB, body', digits: 1 },
  { key: 'psnr_whole_db', label: 'PSNR dB, whole', digits: 1 },
  { key: 'ssim_body', label: 'SSIM, body', digits: 3 },
  { key: 'ssim_whole', label: 'SSIM, whole', digits: 3 },
] as const
