import { attribute, readUnsigned } from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'
import type { FrameValues } from '../pixels/pixel-data.js'
import type { PixelLayout } from '../pixels/pixel-layout.js'

const padding = attribute('0028,0120', 'Pixel Padding Value')
const paddingLimit = attribute('0028,0121', 'Pixel Padding Range Limit')

/** Whether a pixel is padding, outside the round field of view of the scanner. */
export type IsPadding = (pixel: number) => boolean

/**
 * Finds the padding of each image of a file. Writers give its value with or without the sign of the pixels, or with
 * unused bits; so it is compared with the values, and with the cells before unused bits are cut off. If the file does
 * not name padding, a single value with unused bits set counts as padding.
 */
export function paddingOf(
  dataSet: DicomDataSet,
  layout: PixelLayout,
): (values: FrameValues) => IsPadding {
  const isNamed = namedPadding(dataSet, layout)
  return (values) => {
    const { stored, cells } = values
    const wide = wideCell(layout, values, isNamed)
    return (pixel) => cells[pixel] === wide || isNamed(stored[pixel]!, cells[pixel]!)
  }
}

type IsNamed = (stored: number, cell: number) => boolean

function namedPadding(dataSet: DicomDataSet, { signed }: PixelLayout): IsNamed {
  const first = readUnsigned(dataSet, padding)
  if (first === null) return () => false
  const second = readUnsigned(dataSet, paddingLimit) ?? first
  const withSign = (bits: number) => (signed ? (bits << 16) >> 16 : bits)
  const within = (a: number, b: number) => {
    const [lowest, highest] = [Math.min(a, b), Math.max(a, b)]
    return (value: number) => value >= lowest && value <= highest
  }
  const amongValues = within(withSign(first), withSign(second))
  // A range of cells from negative to positive would include all of them.
  const oneSign = first >> 15 === second >> 15
  const amongCells = oneSign ? within(first, second) : (cell: number) => cell === first
  return (stored, cell) => amongValues(stored) || amongCells(cell)
}

/**
 * The only cell, other than named padding, with unused bits set; `null` if there is none. If unused bits are set in
 * pixels of several values, they are something else, such as overlays (PS3.3 C.9.2, retired), and are cut off.
 */
function wideCell(
  { bitsAllocated, bitsStored }: PixelLayout,
  { stored, cells }: FrameValues,
  isNamed: IsNamed,
): number | null {
  const [all, counted] = [2 ** bitsAllocated - 1, 2 ** bitsStored - 1]
  let wide: number | null = null
  for (let i = 0; i < cells.length; i++) {
    const [value, cell] = [stored[i]!, cells[i]!]
    // The unused bits are 0, or repeat the sign.
    if (cell === (value & counted) || cell === (value & all) || cell === wide) continue
    if (isNamed(value, cell)) continue
    if (wide !== null) return null
    wide = cell
  }
  return wide
}
