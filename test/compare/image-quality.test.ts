import { describe, expect, it } from 'vitest'
import { bodyMask } from '../../src/compare/body-mask.js'
import { imageErrors, qualityOf, type ImageErrors } from '../../src/compare/image-quality.js'

const size = 32

/** A disc of tissue with an airway in its middle, in a raster of air. */
function disc(side: number, radius: number) {
  const from = (i: number) => Math.hypot((i % side) - side / 2, Math.floor(i / side) - side / 2)
  const ct = Int16Array.from({ length: side * side }, (_, i) => {
    return from(i) < radius / 4 || from(i) >= radius ? -1000 : 40
  })
  return { rows: side, columns: side, ct, dose: null }
}

const inside = bodyMask(disc(64, 20), size)
const reference = Float32Array.from(inside, (one, i) => (one ? 0.4 + 0.1 * Math.sin(i / 3) : 0))
/** Errors of the given size inside and outside the body, with alternating signs. */
const errorsOf = (within: number, without: number): ImageErrors => {
  const sign = (i: number) => ((i + Math.floor(i / size)) % 2 === 0 ? 1 : -1)
  const image = reference.map((value, i) => value + sign(i) * (inside[i] ? within : without))
  return imageErrors({ rows: size, columns: size, image, reference, range: 1 }, inside)
}

describe('bodyMask', () => {
  it('covers the body at the size of the frame, including airways', () => {
    const area = inside.reduce((sum, one) => sum + one, 0)
    expect(area / (Math.PI * 10 ** 2)).toBeGreaterThan(0.93)
    expect(area / (Math.PI * 10 ** 2)).toBeLessThan(1.07)
    expect(inside[(size / 2) * size + size / 2]).toBe(1)
    expect(inside[0]).toBe(0)
  })

  it('is empty for a slice of air', () => {
    const air = { ...disc(64, 20), ct: new Int16Array(64 * 64).fill(-1000) }
    expect(bodyMask(air, size).every((one) => one === 0)).toBe(true)
  })
})

describe('qualityOf', () => {
  it('is 20 dB inside the body for an error of 0.1 there, and higher over the whole slice', () => {
    const share = inside.reduce((sum, one) => sum + one, 0) / size ** 2
    const quality = qualityOf([errorsOf(0.1, 0)])
    expect(quality.psnr_body_db).toBeCloseTo(20, 4)
    expect(quality.psnr_whole_db).toBeCloseTo(20 - 10 * Math.log10(share), 4)
    expect(quality.ssim_body).toBeLessThan(quality.ssim_whole)
  })

  it('is never higher inside the body than over the whole slice if the errors are inside', () => {
    for (const within of [0.01, 0.03, 0.2]) {
      const quality = qualityOf([errorsOf(within, within / 10), errorsOf(2 * within, 0)])
      expect(quality.psnr_body_db).toBeLessThan(quality.psnr_whole_db)
      expect(quality.ssim_body).toBeLessThan(quality.ssim_whole)
    }
  })

  it('is the PSNR of the mean squared error over slices, not the mean of their PSNRs', () => {
    const both = qualityOf([errorsOf(0.1, 0.1), errorsOf(0.3, 0.3)])
    expect(both.psnr_body_db).toBeCloseTo(-10 * Math.log10((0.01 + 0.09) / 2), 4)
    expect(both.psnr_whole_db).toBeCloseTo(both.psnr_body_db as number, 4)
  })

  it('is limited to 100 dB and 1 for an exact reconstruction', () => {
    const [psnr, ssim] = [100, expect.closeTo(1, 12) as number]
    expect(qualityOf([errorsOf(0, 0)])).toEqual({
      psnr_body_db: psnr,
      psnr_whole_db: psnr,
      ssim_body: ssim,
      ssim_whole: ssim,
    })
  })

  it('is null inside slices without a body, which are left out beside others', () => {
    const image = reference.map((value) => value + 0.1)
    const pair = { rows: size, columns: size, image, reference, range: 1 }
    const bodiless = imageErrors(pair, new Uint8Array(size * size))
    expect(qualityOf([bodiless])).toMatchObject({ psnr_body_db: null, ssim_body: null })
    expect(qualityOf([bodiless]).psnr_whole_db).toBeCloseTo(20, 4)
    const beside = qualityOf([bodiless, errorsOf(0.2, 0)])
    expect(beside.psnr_body_db).toBeCloseTo(qualityOf([errorsOf(0.2, 0)]).psnr_body_db!, 9)
  })
})
