import type { SliceImage } from '../../core/plan.js'
import { airHu } from './volume.js'

/** Hounsfield units that a grey picture of CT shows as black and white; values beyond are clipped. */
export interface HuWindow {
  readonly low: number
  readonly high: number
}

/** A grey picture, from black (0) to white (1), row by row. */
export interface GreyPicture {
  readonly rows: number
  readonly columns: number
  readonly grey: Float32Array
}

/** The window of stored previews: level 40, width 400, the usual display of soft tissue. */
export const previewWindow: HuWindow = { low: -160, high: 240 }

/** Usual windows for soft tissue, by level and width: 40/400, 50/350, 40/350, 50/400, 60/400, 30/300. */
export const usualWindows: readonly HuWindow[] = [
  previewWindow,
  { low: -125, high: 225 },
  { low: -135, high: 215 },
  { low: -150, high: 250 },
  { low: -140, high: 260 },
  { low: -120, high: 180 },
]

/** Keyword of the PNG text chunk that states the window. */
export const windowKeyword = 'HU window'

/** `-160 240` */
export function windowText({ low, high }: HuWindow): string {
  return `${low} ${high}`
}

/** Parses a window; `null` if the text is not one. */
export function parseWindow(text: string): HuWindow | null {
  const [, low, high] = /^(-?\d{1,5}) (-?\d{1,5})$/.exec(text) ?? []
  return Number(low) < Number(high) ? { low: Number(low), high: Number(high) } : null
}

/** A slice as displayed in a window. */
export function throughWindow(
  { rows, columns, ct }: Pick<SliceImage, 'rows' | 'columns' | 'ct'>,
  { low, high }: HuWindow,
): GreyPicture {
  const grey = new Float32Array(ct.length)
  for (let i = 0; i < grey.length; i++)
    grey[i] = Math.min(1, Math.max(0, (ct[i]! - low) / (high - low)))
  return { rows, columns, grey }
}

/** Pixels darker than this count as black: pictures may have been scaled or compressed. */
const blackest = 0.01
/**
 * Mean HU of values outside a window: black that the body encloses (airways, lungs and their surfaces), and white.
 * Means over slices of OpenKBP, in the window of previews: -714 and 678.
 */
const [enclosedHu, denseHu] = [-700, 680]

/**
 * Hounsfield units of a picture. Black around the body is air; other values outside the window are replaced by their
 * mean.
 */
export function hounsfieldOf(
  { rows, columns, grey }: GreyPicture,
  { low, high }: HuWindow,
): Pick<SliceImage, 'rows' | 'columns' | 'ct'> {
  const around = blackAround(rows, columns, grey)
  const ct = new Int16Array(grey.length)
  // Not `Int16Array.from` with a function, which takes many times as long.
  for (let i = 0; i < ct.length; i++) {
    const value = grey[i]!
    ct[i] =
      value <= blackest
        ? Math.min(low, around[i] ? airHu : enclosedHu)
        : value >= 1
          ? Math.max(high, denseHu)
          : Math.round(low + value * (high - low))
  }
  return { rows, columns, ct }
}

/** Black pixels that are connected to the border of the picture. */
function blackAround(rows: number, columns: number, grey: Float32Array): Uint8Array {
  const around = new Uint8Array(grey.length)
  const waiting: number[] = []
  const visit = (pixel: number) => {
    if (around[pixel] || grey[pixel]! > blackest) return
    around[pixel] = 1
    waiting.push(pixel)
  }
  for (let row = 0; row < rows; row++) {
    visit(row * columns)
    visit(row * columns + columns - 1)
  }
  for (let column = 0; column < columns; column++) {
    visit(column)
    visit((rows - 1) * columns + column)
  }
  for (let pixel = waiting.pop(); pixel !== undefined; pixel = waiting.pop()) {
    const column = pixel % columns
    if (pixel >= columns) visit(pixel - columns)
    if (pixel < grey.length - columns) visit(pixel + columns)
    if (column > 0) visit(pixel - 1)
    if (column < columns - 1) visit(pixel + 1)
  }
  return around
}
