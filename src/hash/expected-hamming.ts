/** Limit of the expected share of differing bits as the distance grows: 0.405, not ½. */
export const hammingPlateau = 4 / Math.PI ** 2

/** `exp(-bandwidth * distance² / 2)`. */
export function gaussianKernel(bandwidth: number, distance: number): number {
  return Math.exp((-bandwidth * distance ** 2) / 2)
}

/**
 * Expected share of differing bits in the kernel codes of two vectors at this distance.
 *
 * A random threshold makes it half the mean difference of two cosines, (2/π) E|sin(sZ/2)| with s = √bandwidth ·
 * distance and Z standard normal. The Fourier series of |sin| and E cos(msZ) = exp(-m²s²/2) give (4/π²) [1 - 2 Σ
 * exp(-m²s²/2) / (4m² - 1)], which converges slowly for small s. For small s, |sin| has no corner within reach of Z,
 * and its power series gives √(2/π)(2/π) Σ (-1)ʲ (s/2)²ʲ⁺¹ / (2j+1)!!, with an error below 1e-18 for s < 0.7.
 */
export function expectedHamming(bandwidth: number, distance: number): number {
  const s = Math.sqrt(bandwidth) * distance
  return s < 0.7 ? byPowers(s) : byFrequencies(s)
}

/**
 * Expected share of differing bits for kind cosine, which has no thresholds: the bits differ where a square wave
 * changes its sign, ½ − (4/π²) Σ exp(-m²s²/2) / m² over odd m. For small s, where the series converges slowly, the
 * share is s √(2/π) / π.
 */
export function expectedCosineHamming(bandwidth: number, distance: number): number {
  const s = Math.sqrt(bandwidth) * distance
  if (s < 0.01) return (s * Math.sqrt(2 / Math.PI)) / Math.PI
  let sum = 0
  for (let m = 1; m * s < 9; m += 2) sum += Math.exp(-((m * s) ** 2) / 2) / m ** 2
  return 0.5 - hammingPlateau * sum
}

function byFrequencies(s: number): number {
  let sum = 0
  for (let m = 1; m * s < 9; m++) sum += Math.exp(-((m * s) ** 2) / 2) / (4 * m ** 2 - 1)
  return hammingPlateau * (1 - 2 * sum)
}

function byPowers(s: number): number {
  let term = s / 2
  let sum = term
  for (let j = 1; Math.abs(term) > 1e-18 * sum; j++) {
    term *= -(s ** 2) / 4 / (2 * j + 1)
    sum += term
  }
  return Math.sqrt(2 / Math.PI) * (2 / Math.PI) * sum
}

/** h1 of Raginsky and Lazebnik: lower bound of the expected share of differing bits, for a value of the kernel. */
export function leastHamming(kernel: number): number {
  return hammingPlateau * (1 - kernel)
}

/** h2 of Raginsky and Lazebnik: upper bound of the expected share of differing bits, for a value of the kernel. */
export function mostHamming(kernel: number): number {
  return Math.min(Math.sqrt(1 - kernel) / 2, hammingPlateau * (1 - (2 * kernel) / 3))
}
