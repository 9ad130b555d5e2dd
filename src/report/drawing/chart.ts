import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { coordinate } from './format.js'
import { escapeMarkup } from './markup.js'
import { PALETTE, type SeriesStyle } from './palette.js'

/** A drawing: SVG to embed in a page, with its natural size. */
export interface Drawing {
  readonly svg: string
  readonly width: number
  readonly height: number
}

export interface ChartOptions extends Pick<
  Plot.PlotOptions,
  'marks' | 'x' | 'y' | 'fx' | 'fy' | 'marginTop' | 'marginRight' | 'marginBottom' | 'marginLeft'
> {
  /** Text alternative of the drawing. */
  label: string
  width: number
  height: number
}

/** Placeholder for the label. */
const UNLABELLED = 'unlabelled'

/** Draws a chart without a browser, in the colours of the palette. */
export function drawChart(options: ChartOptions): Drawing {
  const { label, width, height, ...plot } = options
  const page = parseHTML('<!doctype html><html><body></body></html>') as { document: object }
  // The result is typed as a DOM element, whose types are not available here.
  const figure: unknown = Plot.plot({
    ...plot,
    document: page.document,
    width,
    height,
    ariaLabel: UNLABELLED,
    style: {
      background: 'transparent',
      color: 'var(--ink)',
      fontFamily: 'system-ui, "Segoe UI", Arial, "DejaVu Sans", sans-serif',
      fontSize: '12px',
      overflow: 'visible',
    },
  })
  const { outerHTML } = figure as { outerHTML: string }
  // The document only escapes quotes in attributes, which is valid HTML but not valid SVG.
  const svg = outerHTML.replace(`"${UNLABELLED}"`, () => `"${escapeMarkup(label)}"`)
  return { svg: rounded(svg), width, height }
}

/** Arranges drawings in a grid with so many columns, as one drawing. */
export function sideBySide(drawings: readonly Drawing[], columns: number, label: string): Drawing {
  const rows = Array.from({ length: Math.ceil(drawings.length / columns) }, (_, row) =>
    drawings.slice(row * columns, (row + 1) * columns),
  )
  let [width, y] = [0, 0]
  const parts: string[] = []
  for (const row of rows) {
    let x = 0
    for (const { svg, width: own } of row) {
      parts.push(svg.replace('<svg', `<svg x="${x}" y="${y}"`))
      x += own
    }
    width = Math.max(width, x)
    y += Math.max(...row.map(({ height }) => height))
  }
  const open = `<svg viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${escapeMarkup(label)}">`
  return { svg: `${open}\n${parts.join('\n')}\n</svg>`, width, height: y }
}

/** The text of an SVG file, with namespace, colours and background. */
export function svgFile({ svg }: Drawing): string {
  const style = `<style>${PALETTE}svg { background: var(--paper); } svg svg { background: none; }</style>`
  const named = /^<svg[^>]* xmlns=/.test(svg)
    ? svg
    : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
  return `${named.replace(/^(<svg[^>]*>)/, `$1${style}`)}\n`
}

/** An axis with a centred label and no arrow. */
export function axis(label: string) {
  return { label, labelAnchor: 'center', labelArrow: 'none' } as const
}

/** Names and marks of series in a row above the frame. */
export function legend(
  entries: readonly { name: string; style: SeriesStyle }[],
  options: { x?: number; y: number; step?: number; mark?: 'dot' | 'line' },
): Plot.Markish[] {
  const { x = 0, y, step = 96, mark = 'dot' } = options
  const anchor = { frameAnchor: 'top-left', facet: 'super' } as const
  return entries.flatMap(({ name, style }, i) => [
    mark === 'dot'
      ? Plot.dot([0], {
          ...anchor,
          dx: x + i * step + 6,
          dy: y,
          r: 4.5,
          fill: style.colour,
          symbol: style.symbol,
        })
      : Plot.vector([0], {
          ...anchor,
          dx: x + i * step - 8,
          dy: y,
          shape: DASH,
          length: LINE_SAMPLE,
          rotate: 90,
          anchor: 'start',
          stroke: style.colour,
          strokeWidth: 2,
          strokeDasharray: style.dashes,
        }),
    Plot.text([name], {
      ...anchor,
      dx: x + i * step + 16,
      dy: y,
      textAnchor: 'start',
      lineAnchor: 'middle',
    }),
  ])
}

/** Length of the sample of a line in a legend. */
const LINE_SAMPLE = 20

/** A vector without a head. */
const DASH = {
  draw(
    context: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void },
    length: number,
  ) {
    context.moveTo(0, 0)
    context.lineTo(0, -length)
  },
}

/**
 * Rounds coordinates to a hundredth, which makes a file a third as long and equal on every machine. Texts keep their
 * digits.
 */
function rounded(svg: string): string {
  return svg.replace(/ (?:d|[xy][12]?|c[xy]|width|height|transform|points)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}(?:e-\d+)?/g, (number) => coordinate(Number(number))),
  )
}
