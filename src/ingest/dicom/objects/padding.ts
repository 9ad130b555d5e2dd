import { attribute, readUnsigned } from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'
import type { FrameValues } from '../pixels/pixel-data.js'
import type { PixelLayout } from '../pixels/pixel-layout.js'

const padding = attribute('0028,0120', 'Pixel Padding Value')
const paddingLimit = attribute('0028,0121', 'Pixel Padding Range Limit')

/** Whether the pixel at a place stands for no measurement: outside of the round field of the scanner. */
export type IsPadding = (pixel: number) => boolean

/**
 * Finds the padding of each image of a file. Writers give it with the sign of the pixels or without, and beyond the bits
 * that count; so it is looked for among the values, and among the cells before their bits are cut off. Where the file
 * names none, a single value beyond the bits that count is taken for it.
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
  // A range of cells that begins below zero and ends above it would be all of them.
  const oneSign = first >> 15 === second >> 15
  const amongCells = oneSign ? within(first, second) : (cell: number) => cell === first
  return (stored, cell) => amongValues(stored) || amongCells(cell)
}

/**
 * The only cell, other than named padding, that has more bits than count; `null` if there is none. Bits that do not count
 * and are set in pixels of several values are something else, as overlays are (PS3.3 C.9.2, retired), and cut off.
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
    // The bits beyond are 0, or repeat the sign.
    if (cell === (value & counted) || cell === (value & all) || cell === wide) continue
    if (isNamed(value, cell)) continue
    if (wide !== null) return null
    wide = cell
  }
  return wide
}
