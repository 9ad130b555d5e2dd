import { coordinate } from '../drawing/format.js'
import type { IsodoseLevel } from './isodose.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** Width of the dark casing on either side of a line, in widths of a plain line. */
const CASING = 0.5

/** SVG attributes of a line in the style of its level; `unit` is the width of a plain line. */
export function isodoseStroke(level: IsodoseLevel, unit: number): Markup {
  const width = coordinate(level.width * unit)
  if (level.dashes.length === 0) return markup` stroke="${level.color}" stroke-width="${width}"`
  const dashes = level.dashes.map((dash) => coordinate(dash * unit)).join(' ')
  return markup` stroke="${level.color}" stroke-width="${width}" stroke-dasharray="${dashes}"`
}

/** SVG attributes of the dark casing under a line, which keeps it legible on bone. */
export function casingStroke(unit: number): Markup {
  const width = coordinate((1 + 2 * CASING) * unit)
  return markup` stroke="#000" stroke-opacity="0.5" stroke-width="${width}"`
}
