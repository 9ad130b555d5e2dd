import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { StructureStyle } from '../../src/report/drawing/structure-style.js'
import type { Band, Curve } from '../api.js'
import { colourOf } from '../parts/colour-of.js'

interface DvhChartProps {
  label: string
  styles: readonly StructureStyle[]
  curves: readonly Curve[]
  other: readonly Curve[] | null
  band: Band | null
}

/** Gy between points. */
const STEP = 0.25
const HEIGHT = 360

/** Cumulative histograms: solid lines for a plan, dashed ones for another, with the band of a cohort behind them. */
export function DvhChart({ label, styles, curves, other, band }: DvhChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const target = place.current
    if (!target) return undefined
    const draw = () => {
      target.replaceChildren()
      const { options, data } = chartOf({ styles, curves, other, band }, target)
      return new uPlot(options, data, target)
    }
    let chart = draw()
    const again = () => {
      chart.destroy()
      chart = draw()
    }
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.round(entry?.contentRect.width ?? 0)
      if (width > 0 && width !== chart.width) chart.setSize({ width, height: HEIGHT })
    })
    observer.observe(target)
    // The canvas must be redrawn when the theme changes.
    const themes = new MutationObserver(again)
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', again)
    return () => {
      observer.disconnect()
      themes.disconnect()
      dark.removeEventListener('change', again)
      chart.destroy()
    }
  }, [styles.map(({ name }) => name).join(), curves, other, band])
  return <div ref={place} class="chart" role="img" aria-label={label} />
}

function chartOf(
  { styles, curves, other, band }: Omit<DvhChartProps, 'label'>,
  target: HTMLElement,
): { options: uPlot.Options; data: uPlot.AlignedData } {
  const colour = (name: string) => colourOf(target, name)
  const most = Math.max(
    ...[...curves, ...(other ?? [])].map(({ doseGy }) => doseGy.at(-1) ?? 0),
    band?.doseGy.at(-1) ?? 0,
    10,
  )
  const x = Array.from({ length: Math.ceil(most / STEP) + 1 }, (_, i) => i * STEP)
  const data: (number | null)[][] = [x]
  const series: uPlot.Series[] = [{ label: 'Gy', value: (_, value) => `${value.toFixed(1)} Gy` }]
  const percent = (_: uPlot, value: number | null) =>
    value === null ? '–' : `${value.toFixed(1)} %`
  const bands: uPlot.Band[] = []
  if (band && band.plans > 1) {
    const from = series.length
    for (const line of band.percentiles) {
      data.push(along(x, band.doseGy, line))
      series.push({ show: true, stroke: 'transparent', points: { show: false }, label: '' })
    }
    const grey = colour('--band')
    bands.push(
      { series: [from + 4, from], fill: grey },
      { series: [from + 3, from + 1], fill: grey },
    )
    const median = series[from + 2]
    if (median) Object.assign(median, { stroke: colour('--soft'), width: 1, dash: [2, 3] })
  }
  for (const { name, colour: own } of styles)
    for (const [list, dash] of [
      [curves, []],
      [other ?? [], [7, 4]],
    ] as const) {
      const curve = list.find(({ structure }) => structure === name)
      if (!curve) continue
      data.push(along(x, curve.doseGy, curve.volume))
      series.push({
        label: name,
        stroke: colour(own),
        width: 2,
        dash: [...dash],
        points: { show: false },
        value: percent,
      })
    }
  const axis = (text: string): uPlot.Axis => ({
    label: text,
    stroke: colour('--ink'),
    grid: { stroke: colour('--rule'), width: 0.5 },
    ticks: { stroke: colour('--rule') },
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
  })
  return {
    data: data as uPlot.AlignedData,
    options: {
      width: Math.max(280, target.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: true, y: false } },
      scales: { x: { time: false, range: [0, most] }, y: { range: [0, 102] } },
      axes: [axis('dose in Gy'), axis('volume in %')],
      series,
      bands,
    },
  }
}

/** Values of a line at other places, by linear interpolation; 0 beyond its end. */
function along(x: readonly number[], from: readonly number[], values: readonly number[]): number[] {
  let place = 0
  return x.map((at) => {
    while (place < from.length - 2 && (from[place + 1] as number) < at) place++
    const [left = 0, right = left] = [from[place], from[place + 1]]
    if (at > right) return 0
    const [low = 0, high = low] = [values[place], values[place + 1]]
    return right === left ? low : low + ((at - left) / (right - left)) * (high - low)
  })
}
