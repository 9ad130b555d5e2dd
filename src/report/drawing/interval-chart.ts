import * as Plot from '@observablehq/plot'
import { axis, drawChart, type ChartOptions, type Drawing } from './chart.js'
import { bounded, whyNoIntervals } from './intervals.js'

export interface IntervalChartOptions extends Pick<
  ChartOptions,
  'label' | 'width' | 'height' | 'marginLeft' | 'marginRight'
> {
  title: string
  /** The measure, with its unit. */
  measure: string
  /** End of the axis, which begins at 0. */
  most: number
  /** From top to bottom. */
  names: readonly string[]
  /** Lines from the low to the high end of each name; none if an end is null. */
  intervals: readonly { name: string; low: number | null; high: number | null }[]
  /** Dots and texts on top of them. */
  marks: readonly Plot.Markish[]
}

/** A chart of estimates with their intervals, one per row. */
export function intervalChart(options: IntervalChartOptions): Drawing {
  const { title, measure, most, names, intervals, marks, ...rest } = options
  // Below the title, because a frame with few rows has no space without dots.
  const why = whyNoIntervals(intervals, { frameAnchor: 'top-left', dy: -16 })
  return drawChart({
    ...rest,
    marginTop: 40,
    marginBottom: 42,
    x: { ...axis(measure), domain: [0, most], grid: true, ticks: 5 },
    y: { label: null, domain: names },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      Plot.link(bounded(intervals), {
        y1: 'name',
        y2: 'name',
        x1: 'low',
        x2: 'high',
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
      }),
      ...marks,
      ...why,
      Plot.text([title], {
        frameAnchor: 'top-left',
        dy: why.length > 0 ? -31 : -18,
        fontWeight: 'bold',
      }),
    ],
  })
}
