/** Index in a block, row by row, of the k-th coefficient. */
export const zigzag = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5],
  ...[12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  ...[35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51],
  ...[58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
)

/** By frequency and index: the contribution of a frequency to a sample. */
const waves = Float64Array.from({ length: 64 }, (_, i) => {
  const [frequency, place] = [i >> 3, i & 7]
  const scale = frequency === 0 ? Math.SQRT1_2 : 1
  return (scale / 2) * Math.cos(((2 * place + 1) * frequency * Math.PI) / 16)
})

export interface SampleOptions {
  readonly rows: number
  readonly columns: number
  /** Bits of a sample. */
  readonly precision: number
  /** Quantization factors, in zigzag order. */
  readonly quantization: Uint16Array
}

/**
 * The samples of an image from its coefficients: the inverse cosine transform, block by block, by its definition. In
 * floating point it is more accurate than the standard requires, and fast enough for one slice.
 */
export function samplesOf(blocks: Int16Array, options: SampleOptions): Uint16Array {
  const { rows, columns, precision, quantization } = options
  const samples = new Uint16Array(rows * columns)
  const across = Math.ceil(columns / 8)
  const middle = 1 << (precision - 1)
  const highest = (1 << precision) - 1
  const spectrum = new Float64Array(64)
  const half = new Float64Array(64)

  for (let block = 0; 64 * block < blocks.length; block++) {
    for (let k = 0; k < 64; k++)
      spectrum[zigzag[k] as number] =
        (blocks[64 * block + k] as number) * (quantization[k] as number)
    transform(spectrum, half)
    transform(half, spectrum)
    const top = 8 * Math.floor(block / across)
    const left = 8 * (block % across)
    for (let y = top; y < Math.min(top + 8, rows); y++)
      for (let x = left; x < Math.min(left + 8, columns); x++) {
        const value = Math.round(spectrum[8 * (y - top) + x - left] as number) + middle
        samples[y * columns + x] = Math.min(highest, Math.max(0, value))
      }
  }
  return samples
}

/** Transforms the rows of a block and transposes it, so that two calls do both directions. */
function transform(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 8; row++)
    for (let place = 0; place < 8; place++) {
      let sum = 0
      for (let frequency = 0; frequency < 8; frequency++)
        sum += (from[8 * row + frequency] as number) * (waves[8 * frequency + place] as number)
      to[8 * place + row] = sum
    }
}
