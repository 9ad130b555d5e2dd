import type { Drawing } from '../drawing/chart.js'
import type { Markup } from '../drawing/markup.js'

/** A value of a row of numbers. */
export type Cell = string | number | boolean | null

/** A figure of the evaluation: the drawing, what a reader has to know, and the numbers that it was drawn from. */
export interface Figure {
  /** Of its files: `4-bits-ct_shallow`. */
  readonly name: string
  readonly title: string
  readonly caption: Markup
  readonly drawing: Drawing
  /** All with the same keys. */
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}
