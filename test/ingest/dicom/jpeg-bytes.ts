/** Writes JPEG streams for tests: the parts that all have in common, and lossless ones. */

export interface Samples {
  readonly rows: number
  readonly columns: number
  readonly values: readonly number[]
  /** Bits of a sample. */
  readonly precision: number
}

/** Codes of length 2 to 14 for the symbols 0 to 16, the sizes of numbers. */
const sizeCounts = [0, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]
/** Codes of length 8 for nearly all of 256 symbols, pairs of run and size. */
const runCounts = [0, 0, 0, 0, 0, 0, 0, 254, 2, 0, 0, 0, 0, 0, 0, 0]

function segment(code: number, content: readonly number[]): number[] {
  return [0xff, code, ...word(content.length + 2), ...content]
}

function word(value: number): [number, number] {
  return [value >> 8, value & 255]
}

/** Code and length of a symbol that equals its position in the table. */
function codeOf(counts: readonly number[], symbol: number): [code: number, length: number] {
  let code = 0
  let first = 0
  for (let length = 1; ; length++) {
    const count = counts[length - 1] as number
    if (symbol < first + count) return [code + symbol - first, length]
    first += count
    code = (code + count) << 1
  }
}

const tables = [
  ...segment(0xdb, [0, ...new Array<number>(64).fill(1)]),
  ...segment(0xc4, [0x00, ...sizeCounts, ...Array.from({ length: 17 }, (_, i) => i)]),
  ...segment(0xc4, [0x10, ...runCounts, ...Array.from({ length: 256 }, (_, i) => i)]),
]

export type BitWriter = ReturnType<typeof bitWriter>

/** Entropy-coded bits, with restart markers. */
export function bitWriter() {
  const bytes: number[] = []
  let pending = ''
  let restarts = 0
  const flush = (bits: string) => {
    for (let i = 0; i < bits.length; i += 8) {
      const byte = parseInt(bits.slice(i, i + 8), 2)
      bytes.push(byte)
      if (byte === 255) bytes.push(0)
    }
  }
  const writer = {
    bits(value: number, count: number) {
      if (count > 0) pending += value.toString(2).padStart(count, '0')
    },
    /** Writes a number in `sizeOf` bits: as it is, or less 1 if it is negative. */
    signed(value: number) {
      const size = sizeOf(value)
      writer.bits(value < 0 ? value + (1 << size) - 1 : value, size)
    },
    size: (symbol: number) => writer.bits(...codeOf(sizeCounts, symbol)),
    run: (symbol: number) => writer.bits(...codeOf(runCounts, symbol)),
    end() {
      flush(pending.padEnd(Math.ceil(pending.length / 8) * 8, '1'))
      pending = ''
      return bytes
    },
    restart() {
      writer.end()
      bytes.push(0xff, 0xd0 + (restarts++ % 8))
    },
  }
  return writer
}

export function sizeOf(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1
}

export function stream(
  process: number,
  samples: Samples,
  interval: number,
  scans: readonly number[],
) {
  const { rows, columns, precision } = samples
  const frame = segment(process, [precision, ...word(rows), ...word(columns), 1, 1, 0x11, 0])
  const restarts = interval > 0 ? segment(0xdd, word(interval)) : []
  return Uint8Array.from([0xff, 0xd8, ...tables, ...frame, ...restarts, ...scans, 0xff, 0xd9])
}

export function scan(from: number, to: number, bits: number, content: readonly number[]): number[] {
  return [...segment(0xda, [1, 1, 0x00, from, to, bits]), ...content]
}

export interface LosslessOptions {
  /** (Default: 1) */
  predictor?: number
  /** Point transform: low bits that are dropped. (Default: 0) */
  pointTransform?: number
  /** Rows between restart markers. (Default: 0, none) */
  restartRows?: number
}

export function losslessJpeg(samples: Samples, options: LosslessOptions = {}): Uint8Array {
  const { predictor = 1, pointTransform = 0, restartRows = 0 } = options
  const { rows, columns, values, precision } = samples
  const writer = bitWriter()
  const at = (y: number, x: number) => (values[y * columns + x] as number) >> pointTransform
  for (let y = 0; y < rows; y++) {
    const restarted = restartRows > 0 && y > 0 && y % restartRows === 0
    if (restarted) writer.restart()
    for (let x = 0; x < columns; x++) {
      let predicted = 1 << (precision - pointTransform - 1)
      if (y === 0 || restarted) predicted = x === 0 ? predicted : at(y, x - 1)
      else if (x === 0) predicted = at(y - 1, 0)
      else {
        const [a, b, c] = [at(y, x - 1), at(y - 1, x), at(y - 1, x - 1)]
        const all = [0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1]
        predicted = all[predictor] as number
      }
      const difference = ((at(y, x) - predicted) << 16) >> 16
      const size = difference === -32768 ? 16 : sizeOf(difference)
      writer.size(size)
      if (size < 16) writer.signed(difference)
    }
  }
  return stream(
    0xc3,
    samples,
    restartRows * columns,
    scan(predictor, 0, pointTransform, writer.end()),
  )
}
