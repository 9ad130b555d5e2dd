import { bitWriter, scan, sizeOf, stream, type BitWriter, type Samples } from './jpeg-bytes.js'

/** Writes sequential and progressive DCT-based JPEG streams for tests. */

const zigzag = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
  13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52,
  45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]

/** Coefficients of all blocks in zigzag order without quantisation; edges are repeated. */
function blocksOf({ rows, columns, values, precision }: Samples): number[][] {
  const blocks: number[][] = []
  const wave = (place: number, u: number) =>
    Math.cos(((2 * place + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1)
  for (let top = 0; top < rows; top += 8)
    for (let left = 0; left < columns; left += 8) {
      const block = zigzag.map((k) => {
        let sum = 0
        for (let y = 0; y < 8; y++)
          for (let x = 0; x < 8; x++) {
            const from = Math.min(rows - 1, top + y) * columns + Math.min(columns - 1, left + x)
            const value = (values[from] as number) - (1 << (precision - 1))
            sum += value * wave(y, k >> 3) * wave(x, k & 7)
          }
        return Math.round(sum / 4)
      })
      blocks.push(block)
    }
  return blocks
}

export interface DctOptions {
  /** Blocks between restart markers. (Default: 0, none) */
  restartBlocks?: number
}

/** Baseline with 8 bits or extended with 12 bits, with all coefficients of a block at once. */
export function sequentialJpeg(samples: Samples, options: DctOptions = {}): Uint8Array {
  const { restartBlocks = 0 } = options
  const writer = bitWriter()
  let last = 0
  blocksOf(samples).forEach(([first = 0, ...others], n) => {
    if (restartBlocks > 0 && n > 0 && n % restartBlocks === 0) {
      writer.restart()
      last = 0
    }
    writer.size(sizeOf(first - last))
    writer.signed(first - last)
    last = first
    let zeros = 0
    for (const value of others) {
      if (value === 0) {
        zeros++
        continue
      }
      for (; zeros > 15; zeros -= 16) writer.run(0xf0)
      writer.run((zeros << 4) | sizeOf(value))
      writer.signed(value)
      zeros = 0
    }
    if (zeros > 0) writer.run(0)
  })
  const process = samples.precision === 8 ? 0xc0 : 0xc1
  return stream(process, samples, restartBlocks, scan(0, 63, 0, writer.end()))
}

/** Two scans for the DC coefficients and two for the others: all bits but the last, then the last. */
export function progressiveJpeg(samples: Samples, options: DctOptions = {}): Uint8Array {
  const { restartBlocks = 0 } = options
  const blocks = blocksOf(samples)
  const each = (
    code: (writer: BitWriter, block: readonly number[]) => void,
    restarted: (writer: BitWriter) => void = () => undefined,
  ) => {
    const writer = bitWriter()
    blocks.forEach((block, n) => {
      if (restartBlocks > 0 && n > 0 && n % restartBlocks === 0) {
        restarted(writer)
        writer.restart()
      }
      code(writer, block)
    })
    restarted(writer)
    return writer.end()
  }
  let last = 0
  let empty = 0
  const endBand = (writer: BitWriter) => {
    if (empty === 0) return
    const size = sizeOf(empty) - 1
    writer.run(size << 4)
    writer.bits(empty - (1 << size), size)
    empty = 0
  }
  const firsts = each(
    (writer, [first = 0]) => {
      const value = first >> 1
      writer.size(sizeOf(value - last))
      writer.signed(value - last)
      last = value
    },
    () => (last = 0),
  )
  const firstBits = each((writer, [first = 0]) => writer.bits(first & 1, 1))
  const others = each((writer, [, ...values]) => {
    let zeros = 0
    for (const whole of values) {
      const value = Math.trunc(whole / 2)
      if (value === 0) {
        zeros++
        continue
      }
      endBand(writer)
      for (; zeros > 15; zeros -= 16) writer.run(0xf0)
      writer.run((zeros << 4) | sizeOf(value))
      writer.signed(value)
      zeros = 0
    }
    if (zeros > 0) empty++
  }, endBand)
  const otherBits = each((writer, [, ...values]) => {
    const lastNew = values.findLastIndex((value) => Math.abs(value) === 1)
    let zeros = 0
    let more: number[] = []
    const sharpen = () => {
      for (const bit of more) writer.bits(bit, 1)
      more = []
    }
    values.forEach((value, k) => {
      if (value === 0) {
        zeros++
        return
      }
      for (; zeros > 15 && k <= lastNew; zeros -= 16) {
        writer.run(0xf0)
        sharpen()
      }
      if (Math.abs(value) > 1) {
        more.push(Math.abs(value) & 1)
        return
      }
      writer.run((zeros << 4) | 1)
      writer.bits(value > 0 ? 1 : 0, 1)
      sharpen()
      zeros = 0
    })
    if (zeros > 0 || more.length > 0) {
      writer.run(0)
      sharpen()
    }
  })
  const scans = [
    ...scan(0, 0, 0x01, firsts),
    ...scan(0, 0, 0x10, firstBits),
    ...scan(1, 63, 0x01, others),
    ...scan(1, 63, 0x10, otherBits),
  ]
  return stream(0xc2, samples, restartBlocks, scans)
}
