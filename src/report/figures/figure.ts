import type { Drawing } from '../drawing/chart.js'
import type { Markup } from '../drawing/markup.js'

/** A value of a data row. */
export type Cell = string | number | boolean | null

/** A figure of the evaluation: the drawing, its caption, and the numbers that it shows. */
export interface Figure {
  /** Name of its files: `4-bits-ct_shallow`. */
  readonly name: string
  readonly title: string
  readonly caption: Markup
  readonly drawing: Drawing
  /** All rows have the same keys. */
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}
