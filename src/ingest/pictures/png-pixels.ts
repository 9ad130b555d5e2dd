/** Layout of the pixels, from the header. */
export interface PngLayout {
  readonly rows: number
  readonly columns: number
  readonly depth: 8 | 16
  /** Grey, grey with alpha, RGB, RGB with alpha. */
  readonly channels: 1 | 2 | 3 | 4
  readonly interlaced: boolean
}

/** Converts filtered rows, which arrive in parts of any length, to grey values. */
export interface PngPixels {
  /** Takes the next bytes; false for an invalid filter. */
  take(part: Uint8Array): boolean
  /** From black (0) to white (1), row by row. */
  readonly grey: Float32Array
}

/** One of the consecutive partial pictures of a file. */
interface Pass {
  readonly left: number
  readonly top: number
  readonly across: number
  readonly down: number
}

const whole: readonly Pass[] = [{ left: 0, top: 0, across: 1, down: 1 }]
/** The seven passes of Adam7 interlacing (PNG specification, section 8.2). */
const adam7: readonly Pass[] = [
  { left: 0, top: 0, across: 8, down: 8 },
  { left: 4, top: 0, across: 8, down: 8 },
  { left: 0, top: 4, across: 4, down: 8 },
  { left: 2, top: 0, across: 4, down: 4 },
  { left: 0, top: 2, across: 2, down: 4 },
  { left: 1, top: 0, across: 2, down: 2 },
  { left: 0, top: 1, across: 1, down: 2 },
]

/** The passes of a file, with their rows and columns; empty ones are left out. */
function passesOf({ rows, columns, interlaced }: PngLayout) {
  return (interlaced ? adam7 : whole)
    .map((pass) => ({
      ...pass,
      width: Math.ceil((columns - pass.left) / pass.across),
      height: Math.ceil((rows - pass.top) / pass.down),
    }))
    .filter(({ width, height }) => width > 0 && height > 0)
}

/** Bytes per pixel. */
export function pixelBytes({ channels, depth }: Pick<PngLayout, 'channels' | 'depth'>): number {
  return (channels * depth) / 8
}

/** Bytes of all rows, including one filter byte each. */
export function filteredBytes(layout: PngLayout): number {
  return passesOf(layout).reduce(
    (sum, { width, height }) => sum + height * (1 + width * pixelBytes(layout)),
    0,
  )
}

/** Only holds the grey values and two rows of the picture. */
export function openPixels(layout: PngLayout): PngPixels {
  const { rows, columns } = layout
  const bytes = pixelBytes(layout)
  const grey = new Float32Array(rows * columns)
  const passes = passesOf(layout)
  let [pass, y, filled] = [0, 0, 0]
  let row = new Uint8Array(0)
  let above = new Uint8Array(0)
  begin()

  function begin(): void {
    const length = 1 + (passes[pass]?.width ?? 0) * bytes
    ;[row, above] = [new Uint8Array(length), new Uint8Array(length)]
    y = 0
  }

  function endRow(): boolean {
    const { left, top, across, down, height } = passes[pass]!
    if (!unfilter(row, above, bytes)) return false
    putGrey(row, layout, { grey, at: (top + y * down) * columns + left, step: across })
    ;[row, above] = [above, row]
    filled = 0
    y++
    if (y === height) {
      pass++
      begin()
    }
    return true
  }

  return {
    grey,
    take(part) {
      for (let at = 0; at < part.length && pass < passes.length;) {
        const count = Math.min(row.length - filled, part.length - at)
        row.set(part.subarray(at, at + count), filled)
        filled += count
        at += count
        if (filled === row.length && !endRow()) return false
      }
      return true
    },
  }
}

/**
 * Undoes the filter of a row in place (PNG specification, section 9); its first byte selects the filter.
 *
 * @param bytes distance of a sample from the one to its left
 */
function unfilter(row: Uint8Array, above: Uint8Array, bytes: number): boolean {
  const { length } = row
  const first = Math.min(length, 1 + bytes)
  switch (row[0]) {
    case 0:
      return true
    case 1:
      for (let i = first; i < length; i++) row[i] = row[i]! + row[i - bytes]!
      return true
    case 2:
      for (let i = 1; i < length; i++) row[i] = row[i]! + above[i]!
      return true
    case 3:
      for (let i = 1; i < first; i++) row[i] = row[i]! + (above[i]! >> 1)
      for (let i = first; i < length; i++) row[i] = row[i]! + ((row[i - bytes]! + above[i]!) >> 1)
      return true
    case 4:
      for (let i = 1; i < first; i++) row[i] = row[i]! + above[i]!
      for (let i = first; i < length; i++)
        row[i] = row[i]! + paeth(row[i - bytes]!, above[i]!, above[i - bytes]!)
      return true
    default:
      return false
  }
}

/** The neighbour that is nearest to left + up − corner. */
function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

interface Target {
  readonly grey: Float32Array
  readonly at: number
  readonly step: number
}

function putGrey(row: Uint8Array, { depth, channels }: PngLayout, target: Target): void {
  const { grey, step } = target
  const size = depth / 8
  const white = 2 ** depth - 1
  const sample = (at: number) => (size === 1 ? row[at]! : row[at]! * 256 + row[at + 1]!)
  for (let i = 1, at = target.at; i < row.length; i += channels * size, at += step) {
    const light =
      channels < 3
        ? sample(i)
        : 0.299 * sample(i) + 0.587 * sample(i + size) + 0.114 * sample(i + 2 * size)
    const cover = channels % 2 === 0 ? sample(i + (channels - 1) * size) / white : 1
    grey[at] = (cover * light) / white
  }
}
