import { STRUCTURE_PALETTE } from './structure-style.js'

/** Style of a series: colour, mark and dashes differ, so that series are not distinguished by colour alone. */
export interface SeriesStyle {
  /** A variable of the style sheet, with different values for light and dark backgrounds. */
  readonly colour: string
  readonly symbol: 'circle' | 'triangle' | 'square' | 'diamond' | 'star' | 'cross' | 'wye'
  readonly dashes: string
}

const STYLES: readonly SeriesStyle[] = [
  { colour: 'var(--series-1)', symbol: 'circle', dashes: 'none' },
  { colour: 'var(--series-2)', symbol: 'triangle', dashes: '7 3' },
  { colour: 'var(--series-3)', symbol: 'square', dashes: '2 2.5' },
  { colour: 'var(--series-4)', symbol: 'diamond', dashes: '9 3 2 3' },
  { colour: 'var(--series-5)', symbol: 'star', dashes: '4 2' },
  { colour: 'var(--series-6)', symbol: 'cross', dashes: '12 3' },
]

/** Kinds with a style of their own, so that each looks the same in all figures. */
const KINDS = ['kernel', 'cosine', 'sign', 'itq', 'qary', 'trained']

/** Kinds that are not compared by Hamming distance, and so rarely appear with the kinds of the same colour. */
const WITHIN_CELLS: Readonly<Record<string, SeriesStyle>> = {
  residual: { colour: 'var(--series-5)', symbol: 'wye', dashes: '3 2' },
  scalar: { colour: 'var(--series-6)', symbol: 'square', dashes: '8 2 2 2 2 2' },
}

/** The style of a kind of codes; unknown kinds share the last one. */
export function kindStyle(kind: string): SeriesStyle {
  const place = KINDS.indexOf(kind)
  return WITHIN_CELLS[kind] ?? (STYLES[place === -1 ? STYLES.length - 1 : place] as SeriesStyle)
}

/** The style of the i-th series of anything but kinds. */
export function seriesStyle(i: number): SeriesStyle {
  return STYLES[i % STYLES.length] as SeriesStyle
}

/** Colours after Okabe and Ito, for white and, brightened, for the dark background of the pages. */
const LIGHT = ['#0072b2', '#c45100', '#00805f', '#a3487e', '#a87400', '#333333']
const DARK = ['#5cb8f0', '#ff8a3d', '#2fcf9f', '#e79ac6', '#ffc845', '#dddddd']

function variables(colours: readonly string[], rest: string): string {
  return `${colours.map((colour, i) => `--series-${i + 1}: ${colour};`).join(' ')} ${rest}`
}

const ON_LIGHT = variables(
  LIGHT,
  '--ink: #1a1a1a; --soft: #4d4d4d; --paper: #ffffff; --rule: #c4c8cf;',
)
const ON_DARK = variables(
  DARK,
  '--ink: #e8e8e8; --soft: #b4b8be; --paper: #15171a; --rule: #474c54;',
)

/** The variables of a drawing: once per page, or inside a separate file. */
export const PALETTE = `:root { color-scheme: light dark; ${ON_LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${ON_DARK} } }
${STRUCTURE_PALETTE}`
