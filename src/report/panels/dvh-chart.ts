import * as Plot from '@observablehq/plot'
import type { Structure } from '../../core/plan.js'
import { axis, drawChart, type Drawing } from '../drawing/chart.js'
import { doseAt, dvhCurve } from './dvh-curve.js'
import type { StructureStyle } from '../drawing/structure-style.js'

/** Fields of a structure that a chart draws. */
export type DosedStructure = Pick<Structure, 'name' | 'role' | 'meanGy' | 'dvh'>

export interface DvhChartOptions {
  /** Text alternative of the drawing. */
  label: string
  /** Structures to draw, with their letters and colours. */
  styles: readonly StructureStyle[]
  /** End of the dose axis in Gy, the same in all charts of a panel. */
  mostGy: number
  /** (Default: 580 x 300) */
  size?: { readonly width: number; readonly height: number }
}

const SIZE = { width: 580, height: 300 } as const

/** Percent of the volume at which the letter of each curve is placed; they differ so that none hides another. */
const LETTERS = [92, 80, 68, 56, 44, 32, 20, 8] as const

/**
 * Cumulative dose-volume histograms of a query (solid lines) and of a neighbour (dashed lines); `null` as the neighbour
 * draws only the query. Letters are on the query's lines, or on the neighbour's for structures that the query lacks.
 */
export function drawDvhs(
  query: readonly DosedStructure[],
  neighbour: readonly DosedStructure[] | null,
  { label, styles, mostGy, size = SIZE }: DvhChartOptions,
): Drawing {
  const marks = styles.flatMap((style, place) => {
    const [own, other] = [curveOf(query, style), curveOf(neighbour ?? [], style)]
    const lettered = own ?? other
    if (lettered === null) return []
    const height = LETTERS[place % LETTERS.length] as number
    return [
      ...(own === null ? [] : [line(own, style, 'none')]),
      ...(other === null ? [] : [line(other, style, '6 4')]),
      Plot.text([[doseAt(lettered, height), height]], {
        text: () => style.letter,
        fill: style.colour,
        stroke: 'var(--paper)',
        strokeWidth: 5,
        fontSize: 14,
        fontWeight: 700,
      }),
    ]
  })
  return drawChart({
    label,
    ...size,
    marginTop: 12,
    marginLeft: 52,
    marginBottom: 42,
    marginRight: 14,
    x: { ...axis('dose in Gy'), domain: [0, mostGy], ticks: 8 },
    y: { ...axis('volume in % of the structure'), domain: [0, 100], grid: true, ticks: 5 },
    marks: [Plot.frame({ stroke: 'var(--rule)' }), ...marks],
  })
}

function curveOf(structures: readonly DosedStructure[], { name }: StructureStyle) {
  const dvh = structures.find((one) => one.name === name)?.dvh ?? null
  return dvh === null ? null : dvhCurve(dvh)
}

function line(
  curve: ReturnType<typeof dvhCurve>,
  { colour }: StructureStyle,
  dashes: string,
): Plot.Markish {
  return Plot.line(curve, { stroke: colour, strokeWidth: 1.8, strokeDasharray: dashes })
}

/** End of the dose axis for all of these histograms, rounded up to 5 Gy. `null` if none has a dose. */
export function mostDose(plans: readonly (readonly DosedStructure[])[]): number | null {
  const ends = plans
    .flat()
    .flatMap(({ dvh }) => (dvh === null ? [] : [dvh.binGy * dvh.volume.length]))
  return ends.length === 0 ? null : 5 * Math.ceil(Math.max(...ends) / 5)
}
