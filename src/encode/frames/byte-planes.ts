import type { Raster } from '../../core/picture.js'

/** One value per pixel, from 0 to 255. */
export interface BytePlane {
  readonly rows: number
  readonly columns: number
  readonly values: Uint8Array
}

/** Target rows and columns: a picture twice as large or more is averaged down. */
const SIDE = 112

/**
 * Lightness and, if three planes are wanted, the opponent colours red–green and yellow–blue, where 128 is neutral. A
 * large picture is first averaged over whole blocks of pixels.
 */
export function opponentPlanes(raster: Raster, wanted: 1 | 3): BytePlane[] {
  const by = Math.max(1, Math.round(Math.max(raster.rows, raster.columns) / SIDE))
  const rows = Math.max(1, Math.floor(raster.rows / by))
  const columns = Math.max(1, Math.floor(raster.columns / by))
  const { channels, pixels } = raster
  const planes = Array.from({ length: wanted }, () => new Uint8Array(rows * columns))
  const [light, redGreen, yellowBlue] = planes as [Uint8Array, Uint8Array?, Uint8Array?]
  const [down, across] = [Math.min(by, raster.rows), Math.min(by, raster.columns)]
  const parts = down * across
  for (let row = 0, to = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, to++) {
      let [red, green, blue] = [0, 0, 0]
      for (let y = 0; y < down; y++) {
        let at = ((row * by + y) * raster.columns + column * by) * channels
        if (channels === 1) for (const end = at + across; at < end; at++) red += pixels[at]!
        else
          for (const end = at + 3 * across; at < end; at += 3) {
            red += pixels[at]!
            green += pixels[at + 1]!
            blue += pixels[at + 2]!
          }
      }
      if (channels === 1) green = blue = red
      light[to] = (red + green + blue) / (3 * parts) + 0.5
      if (!redGreen || !yellowBlue) continue
      redGreen[to] = inByte((red - green) / parts + 128.5)
      yellowBlue[to] = inByte(((red + green) / 2 - blue) / parts + 128.5)
    }
  return planes.map((values) => ({ rows, columns, values }))
}

/** The mean of each block of two by two pixels. */
export function halved({ rows, columns, values }: BytePlane): BytePlane {
  const [height, width] = [rows >> 1, columns >> 1]
  const out = new Uint8Array(height * width)
  for (let row = 0, to = 0; row < height; row++)
    for (let column = 0, at = 2 * row * columns; column < width; column++, at += 2, to++)
      out[to] =
        (values[at]! + values[at + 1]! + values[at + columns]! + values[at + columns + 1]! + 2) >> 2
  return { rows: height, columns: width, values: out }
}

function inByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}
