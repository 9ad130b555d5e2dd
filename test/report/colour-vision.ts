/** Simulation of colour vision on linear RGB: Machado, Oliveira, Fernandes 2009, severity 1. */
const VISIONS = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deutan: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritan: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
} as const

/** CIELAB distances of each colour (`#rrggbb`) to the next one, in the given colour vision. */
export function contrasts(colours: readonly string[], vision: keyof typeof VISIONS): number[] {
  const seen = colours.map((colour) => lab(simulate(linear(colour), VISIONS[vision])))
  return seen.slice(1).map((colour, at) => distance(colour, seen[at] ?? colour))
}

function linear(colour: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
}

function simulate(rgb: readonly number[], matrix: readonly number[]): number[] {
  return [0, 3, 6].map((row) => Math.min(1, Math.max(0, dot(rgb, matrix.slice(row, row + 3)))))
}

function lab(rgb: readonly number[]): number[] {
  const root = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = root(dot(rgb, [0.4124, 0.3576, 0.1805]) / 0.9505)
  const y = root(dot(rgb, [0.2126, 0.7152, 0.0722]))
  const z = root(dot(rgb, [0.0193, 0.1192, 0.9505]) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)))
}
