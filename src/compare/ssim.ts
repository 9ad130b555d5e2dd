import { LshError } from '../core/errors.js'

/** Two images of equal size, values row by row. */
export interface ImagePair {
  readonly rows: number
  readonly columns: number
  readonly image: ArrayLike<number>
  readonly reference: ArrayLike<number>
  /** Difference between the highest and the lowest possible value of a pixel. */
  readonly range: number
}

/** Constants of Wang, Bovik, Sheikh and Simoncelli (IEEE TIP 2004): a Gaussian of 11 by 11 pixels. */
const SIGMA = 1.5
const RADIUS = 5
const K1 = 0.01
const K2 = 0.03

/**
 * Structural similarity (1 for equal images) of luminance, contrast and structure, for each window that lies wholly
 * inside the image, row by row; see `windowCentre`. The similarity of the image is the mean.
 *
 * @throws LshError `bad_input` for images of different size, or smaller than the window.
 */
export function ssimWindows(pair: ImagePair): Float64Array {
  assertSizes(pair)
  const { image, reference, range } = pair
  const weighed = (value: (i: number) => number) => blurred(pair, value)
  const meanA = weighed((i) => image[i]!)
  const meanB = weighed((i) => reference[i]!)
  const squareA = weighed((i) => image[i]! ** 2)
  const squareB = weighed((i) => reference[i]! ** 2)
  const product = weighed((i) => image[i]! * reference[i]!)
  const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2]
  return meanA.map((a, i) => {
    const b = meanB[i]!
    const variances = squareA[i]! - a * a + squareB[i]! - b * b
    const covariance = product[i]! - a * b
    return ((2 * a * b + c1) * (2 * covariance + c2)) / ((a * a + b * b + c1) * (variances + c2))
  })
}

/** The pixel at the centre of a window. */
export function windowCentre({ columns }: Pick<ImagePair, 'columns'>, window: number): number {
  const inner = columns - 2 * RADIUS
  const row = Math.floor(window / inner)
  return (row + RADIUS) * columns + (window - row * inner) + RADIUS
}

/** Weighted means over all windows inside the image, first along the rows, then along the columns. */
function blurred({ rows, columns }: ImagePair, value: (i: number) => number): Float64Array {
  const inner = columns - 2 * RADIUS
  const values = Float64Array.from({ length: rows * columns }, (_, i) => value(i))
  const across = new Float64Array(rows * inner)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < inner; column++) {
      let sum = 0
      const from = row * columns + column
      for (let step = 0; step <= 2 * RADIUS; step++) sum += WEIGHTS[step]! * values[from + step]!
      across[row * inner + column] = sum
    }
  }
  const out = new Float64Array((rows - 2 * RADIUS) * inner)
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let step = 0; step <= 2 * RADIUS; step++) sum += WEIGHTS[step]! * across[i + step * inner]!
    out[i] = sum
  }
  return out
}

const WEIGHTS = (() => {
  const bell = Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)),
  )
  const sum = bell.reduce((a, b) => a + b, 0)
  return bell.map((weight) => weight / sum)
})()

function assertSizes({ rows, columns, image, reference }: ImagePair): void {
  const pixels = rows * columns
  if (image.length !== pixels || reference.length !== pixels) {
    throw new LshError(
      'bad_input',
      `images have ${image.length} and ${reference.length} values, not ${rows} times ${columns}`,
      { hint: 'Compare images of one size.' },
    )
  }
  if (Math.min(rows, columns) > 2 * RADIUS) return
  throw new LshError('bad_input', `images of ${rows} times ${columns} pixels are too small`, {
    hint: `Structural similarity is measured in windows of ${2 * RADIUS + 1} pixels.`,
  })
}
