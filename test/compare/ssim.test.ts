import { describe, expect, it } from 'vitest'
import { ssimWindows, windowCentre, type ImagePair } from '../../src/compare/ssim.js'
import { random } from '../../src/core/random.js'

const size = 24
const source = random(2)
const reference = Float32Array.from({ length: size * size }, (_, i) => {
  return 0.5 + 0.3 * Math.sin(i / 7) + 0.1 * source.normal()
})
const pair = (image: Float32Array) => ({ rows: size, columns: size, image, reference, range: 1 })

function ssim(images: ImagePair): number {
  const windows = ssimWindows(images)
  return windows.reduce((sum, one) => sum + one, 0) / windows.length
}

/** Structural similarity by its definition, window by window. */
function byDefinition(image: Float32Array): number {
  const bell = (i: number) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2))
  let [sum, windows] = [0, 0]
  for (let top = 0; top + 11 <= size; top++) {
    for (let left = 0; left + 11 <= size; left++) {
      let [w, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0]
      for (let y = 0; y < 11; y++) {
        for (let x = 0; x < 11; x++) {
          const weight = bell(x) * bell(y)
          const at = (top + y) * size + left + x
          const [p, q] = [image[at] as number, reference[at] as number]
          w += weight
          a += weight * p
          b += weight * q
          aa += weight * p * p
          bb += weight * q * q
          ab += weight * p * q
        }
      }
      const [ma, mb] = [a / w, b / w]
      const [va, vb, cov] = [aa / w - ma * ma, bb / w - mb * mb, ab / w - ma * mb]
      sum +=
        ((2 * ma * mb + 1e-4) * (2 * cov + 9e-4)) / ((ma ** 2 + mb ** 2 + 1e-4) * (va + vb + 9e-4))
      windows++
    }
  }
  return sum / windows
}

describe('ssimWindows', () => {
  it('agrees with its definition', () => {
    const noisy = reference.map((value, i) => value + 0.2 * Math.cos(i))
    expect(ssim(pair(noisy))).toBeCloseTo(byDefinition(noisy), 9)
    expect(ssim(pair(noisy))).toBeLessThan(0.9)
  })

  it('is 1 only for equal images', () => {
    expect(ssim(pair(reference))).toBeCloseTo(1, 12)
    expect(ssim(pair(reference.map((value) => 1 - value)))).toBeLessThan(0)
  })

  it('is lowest in the window around an error', () => {
    const wrong = 13 * size + 9
    const windows = ssimWindows(pair(reference.map((value, i) => value + (i === wrong ? 2 : 0))))
    const lowest = windows.indexOf(Math.min(...windows))
    expect(windowCentre({ columns: size }, lowest)).toBe(wrong)
  })

  it('refuses images that are smaller than the window or of different sizes', () => {
    const small = { rows: 10, columns: 20, range: 1 }
    const image = new Float32Array(200)
    expect(() => ssim({ ...small, image, reference: image })).toThrow(
      '10 times 20 pixels are too small',
    )
    expect(() => ssim(pair(image))).toThrow('images have 200 and 576 values, not 24 times 24')
  })
})
