import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { makeFolder } from '../../src/core/make-folder.js'
import type { Point } from './latency.js'

export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
}

export interface CurvesOptions {
  readonly title: string
  /** Text below the title: rows, queries, server. */
  readonly subtitle: string
}

/** The colours of Okabe and Ito, which people with colour blindness can tell apart, each with a shape. */
const STYLES = [
  { colour: '#000000', symbol: 'square' },
  { colour: '#0072b2', symbol: 'triangle' },
  { colour: '#56b4e9', symbol: 'diamond' },
  { colour: '#009e73', symbol: 'cross' },
  { colour: '#e69f00', symbol: 'star' },
  { colour: '#d55e00', symbol: 'circle' },
  { colour: '#cc79a7', symbol: 'wye' },
] as const

const WIDTH = 860
const HEIGHT = 520
const LEGEND = { width: 190, line: 22 }
/** Points of lower recall are not drawn, since they are useless in practice. */
const LOWEST = 0.4
/** Ticks of the share of neighbours missed. On a logarithmic axis, 0.99 is as far from 0.9 as 0.9 is from 0. */
const MISSED = [0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
/** A share of misses that 1,000 queries cannot distinguish from 0. */
const NONE = 0.0005
const MILLISECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

/** Recall over latency, a curve for each method, as an SVG file; returns its path. */
export async function writeCurves(
  folder: string,
  file: string,
  curves: readonly Curve[],
  options: CurvesOptions,
): Promise<string> {
  await makeFolder(folder)
  const path = join(folder, `${file}.svg`)
  await writeFile(path, `${curvesSvg(curves, options)}\n`)
  return path
}

/** The drawing as SVG text. */
export function curvesSvg(curves: readonly Curve[], options: CurvesOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const drawn = curves.map((curve) => curve.points.filter((point) => point.recall_at_10 >= LOWEST))
  const points = drawn.flat()
  const lowest = Math.min(0.9, ...points.map((point) => point.recall_at_10))
  const figure = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginTop: 92,
    marginRight: LEGEND.width,
    marginBottom: 52,
    marginLeft: 80,
    style: { background: 'white', color: '#222', fontFamily: 'sans-serif', fontSize: '13px' },
    x: {
      ...axis('median latency of a query (ms, logarithmic)', 42),
      ...logarithms(
        points.map((point) => point.p50_ms),
        MILLISECONDS,
      ),
      tickFormat: (log: number) => String(Number((10 ** log).toPrecision(2))),
    },
    y: {
      ...axis('recall@10 (share of the true 10 nearest; logarithmic in what is missed)', 66),
      ...logarithms([NONE, 1 - lowest], [...MISSED, NONE]),
      reverse: true,
      tickFormat: (log: number) =>
        10 ** log < 1.01 * NONE ? '1' : String(Number((1 - 10 ** log).toFixed(3))),
    },
    marks: [
      Plot.ruleY([Math.log10(1 - 0.95)], { stroke: '#888', strokeDasharray: '4 3' }),
      ...curves.flatMap((_, i) => curveMarks(drawn[i]!, styleOf(i))),
      ...curves.flatMap((curve, i) => legendMarks(nameOf(curve, drawn[i]!), i, styleOf(i))),
      heading(options.title, -76, { fontSize: 17, fontWeight: 'bold' }),
      heading(options.subtitle, -52, { fontSize: 12, fill: '#555' }),
    ],
  })
  // The type of the figure lacks outerHTML, since the types of a browser are not loaded.
  return standalone((figure as unknown as { outerHTML: string }).outerHTML)
}

interface Style {
  readonly colour: string
  readonly symbol: Plot.SymbolType
  /** Whether dots are hollow: in every second round through the colours. */
  readonly hollow: boolean
}

function dotOf({ colour, symbol, hollow }: Style): Plot.DotOptions {
  const shape = { symbol, r: 5 }
  return hollow
    ? { ...shape, fill: 'white', stroke: colour, strokeWidth: 1.6 }
    : { ...shape, fill: colour, stroke: 'white', strokeWidth: 0.6 }
}

function curveMarks(points: readonly Point[], style: Style): Plot.Markish[] {
  const place = {
    x: (point: Point) => Math.log10(point.p50_ms),
    y: (point: Point) => Math.log10(Math.max(NONE, 1 - point.recall_at_10)),
  }
  return [
    Plot.line(best(points), {
      ...place,
      stroke: style.colour,
      strokeWidth: 1.8,
      ...(style.hollow ? { strokeDasharray: '5 3' } : {}),
    }),
    Plot.dot(points, { ...place, ...dotOf(style) }),
  ]
}

/** Settings that no faster setting of the method matches in recall, from fast to slow. */
function best(points: readonly Point[]): Point[] {
  const kept: Point[] = []
  for (const point of [...points].sort((a, b) => a.p50_ms - b.p50_ms)) {
    if (point.recall_at_10 > (kept.at(-1)?.recall_at_10 ?? -1)) kept.push(point)
  }
  return kept
}

function legendMarks(name: string, i: number, style: Style): Plot.Markish[] {
  const dy = 8 + i * LEGEND.line
  const anchor = { frameAnchor: 'top-right' } as const
  return [
    Plot.dot([0], { ...anchor, dx: 20, dy, ...dotOf(style) }),
    Plot.text([name], { ...anchor, dx: 32, dy: dy - 6, textAnchor: 'start', lineAnchor: 'top' }),
  ]
}

/** The name of a curve, with the reason if no point of it is drawn. */
function nameOf(curve: Curve, drawn: readonly Point[]): string {
  return drawn.length > 0 ? curve.name : `${curve.name}\n(below ${LOWEST})`
}

function heading(text: string, dy: number, style: Plot.TextOptions): Plot.Markish {
  return Plot.text([text], { frameAnchor: 'top-left', dy, lineAnchor: 'top', ...style })
}

/** A logarithmic axis with all tick labels; the one of Plot omits some. */
function logarithms(values: readonly number[], ticks: readonly number[]) {
  const [first, last] = [Math.min(...values) / 1.2, Math.max(...values) * 1.2]
  return {
    domain: [Math.log10(first), Math.log10(last)],
    ticks: ticks.filter((tick) => tick >= first && tick <= last).map(Math.log10),
  }
}

function axis(label: string, labelOffset: number) {
  return { label, labelOffset, labelAnchor: 'center', labelArrow: 'none', grid: true } as const
}

/** The style of curve `i`. Since methods outnumber colours, later rounds shift the shapes and alternate hollow dots. */
function styleOf(i: number): Style {
  const round = Math.floor(i / STYLES.length)
  const { colour } = STYLES[i % STYLES.length]!
  const { symbol } = STYLES[(i + round) % STYLES.length]!
  return { colour, symbol, hollow: round % 2 === 1 }
}

/** Adds the namespace that an SVG file needs, unlike an SVG inside a page. */
function standalone(svg: string): string {
  return /^<svg[^>]* xmlns=/.test(svg)
    ? svg
    : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
}
