import * as Plot from '@observablehq/plot'
import { axis, drawChart, type ChartOptions, type Drawing } from './chart.js'
import { bounded, whyNoIntervals } from './intervals.js'

export interface IntervalChartOptions extends Pick<
  ChartOptions,
  'label' | 'width' | 'height' | 'marginLeft' | 'marginRight'
> {
  title: string
  /** What is measured, with its unit. */
  measure: string
  /** End of the axis, which begins at 0. */
  most: number
  /** From the top down. */
  names: readonly string[]
  /** Lines from the low to the high end of what is named; none where an end is null. */
  intervals: readonly { name: string; low: number | null; high: number | null }[]
  /** Dots and texts on them. */
  marks: readonly Plot.Markish[]
}

/** Estimates below each other, each on its interval. */
export function intervalChart(options: IntervalChartOptions): Drawing {
  const { title, measure, most, names, intervals, marks, ...rest } = options
  // Below the title: the frame of a few rows has no room that no dot may take.
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
